import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../src/commands/io.ts';
import { schema } from '../../src/commands/schema.ts';
import { validate } from '../../src/commands/validate.ts';
import { kinds, type Schema, schemaOf } from '../../src/desired/schemas.ts';
import { TrueupError } from '../../src/errors.ts';
import { errorsPage } from '../../tools/generate/errors-page.ts';
import { kindsPage } from '../../tools/generate/kinds-page.ts';
import { documentTypes } from '../../tools/generate/types.ts';
import { recordingIo } from '../commands/io.ts';
import { expectGolden } from '../golden.ts';
import { exampleFiles, type Files, inFolder } from './repository.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(cwd: string, act: (io: Io) => Promise<number>, color = false): Promise<Ran> {
  const { io, said } = recordingIo({ cwd, color });
  return { code: await act(io), ...said };
}

function validated(files: Files, format: 'text' | 'json', color = false): Promise<Ran> {
  return inFolder(files, (cwd) => run(cwd, (io) => validate({ config: ['.'], format }, io), color));
}

/** Everything that people get wrong, at once; dates are far enough from any day on which this runs. */
const broken: Files = {
  'provider.yaml': `apiVersion: trueup/v1
kind: EdrProvider
metadata:
  name: Production Tanium
spec:
  apiBaseUrl: http://your-instance.cloud.tanium.com/api
  apiKey: token-0123456789abcdef0123456789abcdef0123456789abcdef0123456789
  enable: yes
  releaseToggle: { name: tanium_cloud, enabled: "true" }
  options:
    sensor_name: NPS Admin Members
    sensor_max_age_seconds: 250
    package_param_offset: 2
    action_timeout_seconds: 700
    bulk_scan_timeout_seconds: 650
    bulk_scan_batchsize: 100
`,
  'policies/computers.yaml': `apiVersion: trueup/v1
kind: ComputerPolicy
metadata: { name: servers }
spec:
  selector: { os: "Windows Server*" }
  protect: Enabled
  offlineAccess: BestPractices
  edrIntegration: production tanium
---
apiVersion: trueup/v1
kind: ComputerPolicy
metadata: { name: domain }
spec:
  selector: { domain: corp.example }
  scan: Enabled
---
apiVersion: trueup/v1
kind: ComputerPolicy
metadata: { name: lab }
spec:
  selector: { name: LAB-* }
  scan: Disabled
  edrIntegration: Production Taniun
`,
  'policies/members.yaml': `apiVersion: trueup/v1
kind: LocalGroupMembership
metadata: { name: admins }
spec:
  selector: { name: "/(SRV|WS)+-.*/" }
  mode: exclusive
  members:
    - { name: 'CORP\\Domain Admins' }
    - { name: 'corp\\domain admins', access: absent }
    - { name: jane@corp.example }
    - { sid: S-1-5-32-545 }
    - { sid: ~-500 }
    - { builtin: administrator, access: absent }
    - { name: CORP\\temp, until: 2020-01-31 }
---
apiVersion: trueup/v1
kind: LocalGroupMembersip
metadata: { name: typo }
`,
  'policies/rest.yaml': `apiVersion: trueup/v1
kind: Exclusion
metadata: { name: cluster }
spec: { selector: { name: SQLCL-* }, until: 2020-06-30, reason: CHG-1 }
---
apiVersion: trueup/v1
kind: Exclusion
metadata: { name: cluster }
spec: { selector: { name: SQLCL-* }, until: 2099-06-30 }
---
apiVersion: trueup/v1
kind: Rollout
metadata: { name: rollout }
spec:
  freeze: true
  maintenanceWindows: [{ from: 22:00, to: "04:00" }]
`,
  'syntax.yaml': 'apiVersion: trueup/v1\nkind: LocalAccount\nspec:\n\tname: a\n  description: b: c\n',
  'foreign.yml': 'services:\n  web: { image: nginx }\n',
  'latin1.yaml': Buffer.from('# gr\u00fcn\n', 'latin1'),
};

describe('trueup validate', () => {
  it('says ok and exits 0 where nothing is wrong', async () => {
    expect(await validated(exampleFiles, 'text')).toEqual({ code: 0, out: 'ok in 5 files\n', err: '' });
    const { code, out } = await validated(exampleFiles, 'json');
    expect([code, JSON.parse(out)]).toEqual([0, { ok: true, errors: [], warnings: [] }]);
  });

  it('tells everything that is wrong in one run and exits 1', async () => {
    const { code, out, err } = await validated(broken, 'text');
    expect([code, err]).toEqual([1, '']);
    expectGolden('validate-broken.txt', out);
  });

  it('tells the same as JSON, with the keys that scripts rely on', async () => {
    const { code, out } = await validated(broken, 'json');
    expect(code).toBe(1);
    expectGolden('validate-broken.json', out);
    const { ok, errors, warnings } = JSON.parse(out) as { ok: boolean; errors: object[]; warnings: object[] };
    expect(ok).toBe(false);
    expect(warnings.length).toBeGreaterThan(0);
    for (const problem of [...errors, ...warnings]) {
      expect(Object.keys(problem)).toEqual(['code', 'message', 'file', 'line', 'column', 'path']);
    }
  });

  it('never repeats a secret', async () => {
    for (const format of ['text', 'json'] as const) {
      expect((await validated(broken, format)).out).not.toContain('0123456789abcdef');
    }
  });

  it('exits 0 with warnings alone, and colours the severity on a terminal only', async () => {
    const files = {
      ...exampleFiles,
      'freeze.yaml':
        'apiVersion: trueup/v1\nkind: AccessGrant\nmetadata: { name: g }\nspec: { member: { name: CORP\\x }, selector: {}, from: "2020-01-01T00:00:00Z", until: "2020-01-01T08:00:00Z", reason: x }\n',
    };
    const plain = await validated(files, 'text');
    expect(plain.code).toBe(0);
    expect(plain.out).toBe(
      'freeze.yaml:4:86: warning: The grant ended with 2020-01-01T08:00:00Z. Take it out. [TRUEUP_EXPIRED]\nok, 1 warning in 6 files\n',
    );
    const colored = await validated(files, 'text', true);
    expect(colored.out).toContain(': \u001b[33mwarning\u001b[39m: ');
  });

  it('shows no character of a file name that could fool a terminal', async () => {
    const { out } = await validated({ 'a\u001b[31m\u202e.yaml': 'x: 1' }, 'text');
    expect(out).toContain('a\\u{1b}[31m\\u{202e}.yaml:1:1: error:');
  });
});

describe('trueup schema', () => {
  async function printed(kind?: string): Promise<Schema> {
    const { code, out } = await run(root, (io) => schema(kind, io));
    expect(code).toBe(0);
    return JSON.parse(out) as Schema;
  }

  /** As anybody's validator would: nothing of Trueup's own is known to it. */
  function plainAjv(): Ajv2020 {
    const ajv = new Ajv2020({ allowUnionTypes: true });
    addFormats.default(ajv);
    return ajv;
  }

  it.each(kinds)('prints %s whole, with examples that are valid', async (kind) => {
    const found = await printed(kind.toLowerCase());
    expect(found.title).toBe(kind);
    const check = plainAjv().compile(found);
    expect(found.examples?.length).toBeGreaterThan(0);
    for (const each of found.examples ?? []) expect(check(each), JSON.stringify(check.errors)).toBe(true);
    expect(check({ ...(found.examples?.[0] as object), extra: 1 })).toBe(false);
  });

  it('prints one for documents of every kind', async () => {
    const check = plainAjv().compile(await printed());
    for (const kind of kinds) {
      const [one] = schemaOf(kind).examples ?? [];
      expect(check(one), kind).toBe(true);
      expect(check({ ...(one as object), kind: 'Other' })).toBe(false);
    }
  });

  it('has a description of every field', () => {
    const bare: string[] = [];
    const visit = (found: Schema, path: string, all: Schema): void => {
      for (const [name, inner] of Object.entries(found.properties ?? {})) {
        const reference = inner.$ref?.split('/').at(-1) ?? '';
        if (
          inner.description === undefined &&
          all.$defs?.[reference]?.description === undefined &&
          !inner.$ref?.includes('/properties/')
        )
          bare.push(`${path}.${name}`);
        visit(inner, `${path}.${name}`, all);
        if (inner.items) visit(inner.items, `${path}.${name}[]`, all);
      }
    };
    for (const kind of kinds) {
      const all = schemaOf(kind);
      visit(all, kind, all);
      for (const [name, definition] of Object.entries(all.$defs ?? {})) visit(definition, name, all);
    }
    expect(bare).toEqual([]);
  });

  it('suggests a kind for one that is misspelt', async () => {
    const refused = run(root, (io) => schema('LocalAcount', io));
    await expect(refused).rejects.toThrow(TrueupError);
    await expect(refused).rejects.toThrow('There is no kind "LocalAcount". Did you mean LocalAccount?');
  });
});

describe('generated files', () => {
  it.each([
    ['src/desired/generated/documents.ts', documentTypes],
    ['docs/errors.md', errorsPage],
    ['docs/kinds.md', kindsPage],
  ])('%s is what the schemas and catalogues make of it', async (path, make) => {
    expect(await make()).toBe(readFileSync(join(root, path), 'utf8'));
  });
});
