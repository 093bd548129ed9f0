'use strict';
/**
 * Starts a script of this checkout on a machine that has any Node and npm: installs from the lock file where that has
 * changed since the last time, then hands over to the pinned Node 24. Plain old JavaScript, without dependencies.
 *
 *   node tools/start.cjs --setup
 *   node tools/start.cjs FILE [ARGUMENT …]
 */
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const handover = require('../bin/handover.cjs');

const root = path.dirname(__dirname);
const record = path.join(root, 'node_modules', '.trueup-setup');
const lock = path.join(root, '.setup.lock');

/** What an installation depends on: a script that is edited in package.json calls for no new one. */
function fingerprint() {
  const hash = crypto.createHash('sha256');
  hash.update(process.platform + '-' + process.arch);
  hash.update(fs.readFileSync(path.join(root, 'package-lock.json')));
  ['package.json', path.join('tools', 'runtime', 'package.json')].forEach(function (name) {
    const file = path.join(root, name);
    if (!fs.existsSync(file)) return;
    const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
    ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides', 'workspaces'].forEach(function (key) {
      hash.update(JSON.stringify([name, key, manifest[key] || null]));
    });
  });
  return hash.digest('hex');
}

function textOf(file) {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function isSetUp() {
  return textOf(record) === fingerprint();
}

/** True: the lock is ours. A lock whose process has ended is taken away. */
function acquire() {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = textOf(lock);
  if (holder === null || holder === '' || isAlive(Number(holder))) return false;
  const aside = lock + '.' + process.pid;
  try {
    fs.renameSync(lock, aside);
    // Another starter may have taken the dead one's place between the look and the move.
    if (textOf(aside) === holder) fs.unlinkSync(aside);
    else fs.renameSync(aside, lock);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function release() {
  fs.unlinkSync(lock);
}

/** Calls `done(installed)` once this checkout is set up; ends the process where that fails. */
function setUp(done) {
  if (isSetUp()) {
    done(false);
    return;
  }
  let told = false;
  const attempt = function () {
    if (!acquire()) {
      if (!told) process.stderr.write('Another set-up of this checkout is under way; waiting for it.\n');
      told = true;
      setTimeout(attempt, 200);
      return;
    }
    if (isSetUp()) {
      release();
      done(false);
      return;
    }
    install(done);
  };
  attempt();
}

function install(done) {
  process.stderr.write('Installing what package-lock.json names …\n');
  stepAside();
  const options = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--include=dev', '--include=optional'];
  const npm = npmCommand();
  const output = [];
  const child = handover.start(
    npm.command,
    npm.args.concat(options),
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: npm.shell },
    function (code, signal) {
      if (code === 0) keepRecord();
      release();
      if (code === 0) {
        done(true);
        return;
      }
      process.stderr.write(Buffer.concat(output));
      process.stderr.write('npm ci failed; its own words are above. Nothing was started.\n');
      handover.endAs(code, signal);
    },
  );
  [child.stdout, child.stderr].forEach(function (stream) {
    stream.on('data', function (data) {
      output.push(data);
    });
  });
}

function keepRecord() {
  fs.mkdirSync(path.dirname(record), { recursive: true });
  fs.writeFileSync(record, fingerprint() + '\n');
}

/** The npm that runs this script, else the one on PATH; with the user's own configuration either way. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running !== undefined && /npm-cli\.js$/.test(running)) {
    return { command: process.env.npm_node_execpath || process.execPath, args: [running], shell: false };
  }
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}

/** Windows deletes no program that runs, and `npm ci` deletes `node_modules`; but a running one may be moved away. */
function stepAside() {
  if (process.platform !== 'win32' || handover.pinnedNode(root) !== process.execPath) return;
  fs.mkdirSync(path.join(root, '.trueup'), { recursive: true });
  fs.renameSync(process.execPath, path.join(root, '.trueup', 'node-' + process.pid + '.exe'));
}

/** The Node to hand over to; null: the one that runs this. Ends the process where there is none. */
function chosenNode() {
  const node = handover.pinnedNode(root);
  if (node !== null) return fs.realpathSync(node) === fs.realpathSync(process.execPath) ? null : node;
  if (handover.isNewEnough()) return null;
  const missing = handover.pinnedPackage();
  process.stderr.write('Trueup needs Node 24 or later; this is ' + process.version + '.\n');
  process.stderr.write(
    missing === null
      ? 'No Node is pinned for ' + process.platform + '-' + process.arch + ': install Node 24, then run this again.\n'
      : 'npm left out ' + missing + ', which pins it: see `npm config get omit`, then delete node_modules.\n',
  );
  return process.exit(1);
}

function main(args) {
  const began = Date.now();
  setUp(function (installed) {
    const node = chosenNode();
    if (args[0] === '--setup') {
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      console.log(installed ? 'Set up in ' + seconds + ' s.' : 'Already set up.');
    } else if (node !== null) {
      handover.handOver(node, args);
    } else {
      process.argv.splice(1, 2, path.resolve(args[0]));
      require('module').runMain(process.argv[1]);
    }
  });
}

if (process.argv.length < 3) {
  process.stderr.write('usage: node tools/start.cjs --setup | FILE [ARGUMENT …]\n');
  process.exit(1);
}
main(process.argv.slice(2));
