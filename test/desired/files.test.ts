import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Reading, readDesired } from '../../src/desired/read.ts';
import { document, now, placeOf, provider } from './repository.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'trueup-files-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(cwd, path, '..'), { recursive: true });
  writeFileSync(join(cwd, path), text);
}

function read(...paths: string[]): Promise<Reading> {
  return readDesired({ paths, cwd, now });
}

function account(name: string): string {
  return document('LocalAccount', `selector: {}\nname: ${name}`, name);
}

function names({ files }: Reading): string[] {
  return files.map(({ file }) => file);
}

function told({ errors }: Reading): string[] {
  return errors.map((problem) => `${placeOf(problem)} ${problem.code} ${problem.message}`);
}

describe('a folder', () => {
  it('gives every *.yaml and *.yml below it, sorted, and nothing else', async () => {
    write('b.yml', provider());
    write('a/z.yaml', account('z'));
    write('a/b/c.YAML', account('c'));
    write('a/readme.md', '# no');
    write('x.yaml.bak', ': no');
    const reading = await read('.');
    expect(names(reading)).toEqual(['a/b/c.YAML', 'a/z.yaml', 'b.yml']);
    expect(reading.errors).toEqual([]);
  });

  it('leaves out what begins with a dot, and node_modules', async () => {
    write('a.yaml', provider());
    write('.git/b.yaml', ': no');
    write('.gitlab-ci.yml', 'stages: [no]');
    write('node_modules/x/c.yaml', ': no');
    expect(names(await read('.'))).toEqual(['a.yaml']);
  });

  it('is read all the same when it is named itself', async () => {
    write('.trueup-config/a.yaml', provider());
    expect(names(await read('.trueup-config'))).toEqual(['.trueup-config/a.yaml']);
  });

  it('that holds no file is an error, and so is one that is not there', async () => {
    mkdirSync(join(cwd, 'empty/deeper'), { recursive: true });
    write('a.yaml', provider());
    expect(told(await read('a.yaml', 'empty', 'nowhere'))).toEqual([
      'empty:1:1 TRUEUP_CONFIG_NOT_FOUND The folder "empty" holds no *.yaml or *.yml file.',
      'nowhere:1:1 TRUEUP_CONFIG_NOT_FOUND There is no file or folder "nowhere".',
    ]);
  });
});

describe('paths', () => {
  it('may be a file of any name', async () => {
    write('config.txt', provider());
    expect(names(await read('config.txt'))).toEqual(['config.txt']);
  });

  it('that lead to one file twice read it once', async () => {
    write('a/a.yaml', provider());
    write('a/b.yaml', account('b'));
    const reading = await read('a', 'a/a.yaml', './a/../a', join(cwd, 'a'));
    expect(names(reading)).toEqual(['a/a.yaml', 'a/b.yaml']);
    expect(reading.errors).toEqual([]);
  });

  it('are called relative to the working directory below it, and absolute elsewhere', async () => {
    write('inner/a.yaml', provider());
    write('outer.yaml', account('b'));
    const reading = await readDesired({ paths: ['.', '../outer.yaml'], cwd: join(cwd, 'inner'), now });
    expect(names(reading)).toEqual([`${cwd}/outer.yaml`, 'a.yaml']);
  });
});

describe('links', () => {
  it('to files and folders are followed', async () => {
    write('real/a.yaml', provider());
    write('elsewhere/b.yaml', account('b'));
    symlinkSync('../elsewhere', join(cwd, 'real/linked'));
    symlinkSync('../elsewhere/b.yaml', join(cwd, 'real/c.yaml'));
    const reading = await read('real');
    expect(names(reading)).toEqual(['real/a.yaml', 'real/c.yaml']);
    expect(reading.errors).toEqual([]);
  });

  it('in a circle do no harm', async () => {
    write('a/a.yaml', provider());
    symlinkSync('..', join(cwd, 'a/up'));
    symlinkSync('self', join(cwd, 'a/self'));
    expect(names(await read('.'))).toEqual(['a/a.yaml']);
  });

  it('to nothing are an error', async () => {
    write('a.yaml', provider());
    symlinkSync('nothing', join(cwd, 'b.yaml'));
    expect(told(await read('.'))).toEqual(['b.yaml:1:1 TRUEUP_FILE_UNREADABLE It is a link to nothing.']);
  });
});

describe('what is no file', () => {
  it('is an error, and nobody waits for it', async () => {
    execFileSync('mkfifo', [join(cwd, 'pipe.yaml')]);
    const expected = ['pipe.yaml:1:1 TRUEUP_FILE_UNREADABLE It is neither a file nor a folder.'];
    expect(told(await read('.'))).toEqual(expected);
    expect(told(await read('pipe.yaml'))).toEqual(expected);
  });

  it.skipIf(process.getuid?.() === 0)('or may not be read is an error that names it', async () => {
    write('a.yaml', provider());
    chmodSync(join(cwd, 'a.yaml'), 0o000);
    expect(told(await read('.'))).toEqual(['a.yaml:1:1 TRUEUP_FILE_UNREADABLE It cannot be read (EACCES).']);
  });
});

describe('the files of a reading', () => {
  it('come with a hash that changes with a byte, a comment included', async () => {
    write('a.yaml', provider());
    const before = await read('.');
    write('a.yaml', `${provider()}# a comment\n`);
    const after = await read('.');
    expect(before.files[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(after.files[0]?.sha256).not.toBe(before.files[0]?.sha256);
    expect(after.desired?.digest).toBe(before.desired?.digest);
  });
});
