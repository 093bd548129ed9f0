'use strict';
/** Preloaded into a process that is measured: writes what it used, as it ends, to the file that TRUEUP_USAGE names. */
const fs = require('fs');

process.on('exit', function () {
  const file = process.env.TRUEUP_USAGE;
  if (file !== undefined) fs.writeFileSync(file, JSON.stringify(process.resourceUsage()));
});
