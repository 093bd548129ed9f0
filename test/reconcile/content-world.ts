/** A tenant whose content is as it should be, to be got wrong one thing at a time. */
import { readFileSync } from 'node:fs';
import { compileContent } from '../../src/desired/compile-content.ts';
import type {
  ContentFinding,
  DesiredContent,
  ObservedContent,
  ObservedPackage,
  ObservedSensor,
} from '../../src/model/content.ts';
import { documentedCommand } from '../../src/model/content-command.ts';
import { defaultOptions, type IntegrationOptions } from '../../src/model/options.ts';
import { type ContentInput, type ContentJudgement, judgeContent } from '../../src/reconcile/content.ts';
import { asPosture } from '../../src/reconcile/content-script.ts';
import { sha256 } from '../../src/reconcile/hash.ts';

function shipped(name: string): string {
  return readFileSync(new URL(`../../powershell/${name}`, import.meta.url), 'utf8');
}

export const management: string = shipped('secureone_management.ps1');
export const wrapper: string = shipped('expand_params.ps1');

/** With the parameters that the integration documents, and nothing of ours. */
export const npsdScript =
  'param($Target, $Action, [switch]$SimpleResult, [switch]$NoMeta)\nGet-LocalGroupMember $GroupSID\n';
export const npsdWrapper =
  'Invoke-Expression ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($args[0])))\n';

export const goodSensor: ObservedSensor = {
  id: 20,
  name: 'NPS Admin Members',
  contentSet: 'Base',
  category: 'Security',
  valueType: 'String',
  maxAgeSeconds: 600,
  maxStringAgeMinutes: 1440,
  maxStrings: 10_000,
  ignoreCase: false,
  hidden: false,
  columns: [],
  parameters: [],
  queries: [
    { platform: 'Windows', scriptType: 'Powershell', script: management },
    { platform: 'Linux', scriptType: 'UnixShell', script: 'echo "Not available on Linux"' },
  ],
};

export const goodPackage: ObservedPackage = {
  id: 30,
  name: 'NPSD Management',
  displayName: 'Whatever',
  contentSet: 'Base',
  command: documentedCommand(0),
  commandTimeoutSeconds: 180,
  expireSeconds: 780,
  skipLock: false,
  processGroup: true,
  parameters: [{ key: '$0', label: 'EncodedCommand', type: 'TextInputParameter' }],
  files: [file('expand_params.ps1', wrapper), file('secureone_management.ps1', management)],
};

export function file(name: string, text: string, shown = false): ObservedPackage['files'][number] {
  return { name, hash: sha256(text), size: text.length, cacheStatus: 'Cached', text: shown ? text : null };
}

const rights = ['Token - Use', 'Question - Ask', 'Sensor - Read', 'Package - Read', 'Action - Read', 'Action - Write'];

export const goodContent: ObservedContent = {
  sensor: { name: 'NPS Admin Members', found: goodSensor, near: [] },
  postureSensor: null,
  package: { name: 'NPSD Management', found: goodPackage, near: [] },
  contentSets: ['Reserved', 'Base'],
  computerGroups: [{ id: 5, name: 'All Windows Computers', text: 'Operating System contains windows' }],
  actionGroups: [{ id: 4, name: 'Default - All Computers', groups: ['All Computers'] }],
  tokens: [
    {
      id: 9,
      name: 'NPS-D Integration Token',
      notes: '',
      personaId: 0,
      userId: 1,
      expiresAt: '2026-09-01T00:00:00Z',
      lastUsedAt: '2026-03-02T09:00:00Z',
      expireInDays: 365,
      trusted: '',
    },
  ],
  persona: {
    userId: 1,
    user: 'svc-npsd',
    privileges: [...rights, 'Action Group - Read'].map((name) => ({ name, contentSets: [] })),
  },
};

function personaFor(manage: DesiredContent['manage']): ObservedContent['persona'] {
  const writing = manage === 'report' ? [] : ['Package - Write', 'Sensor - Write'];
  const { persona } = goodContent;
  return (
    persona && {
      ...persona,
      privileges: [...persona.privileges, ...writing.map((name) => ({ name, contentSets: [] }))],
    }
  );
}

export interface Wrong {
  readonly sensor?: Partial<ObservedSensor>;
  readonly package?: Partial<ObservedPackage>;
  readonly observed?: Partial<ObservedContent>;
  readonly desired?: Partial<DesiredContent>;
  readonly options?: Partial<IntegrationOptions>;
  readonly input?: Partial<ContentInput>;
}

/** Scripts and everything else that is declared by nobody, for a fleet whose devices are changed. */
export const undeclared: DesiredContent = { ...compileContent([]), needsPackage: true };

export function judged(wrong: Wrong = {}): ContentJudgement {
  return judgeContent({
    desired: { ...undeclared, ...wrong.desired },
    options: { ...defaultOptions, ...wrong.options },
    texts: {
      sensor: management,
      postureSensor: asPosture(management),
      files: [
        { name: 'expand_params.ps1', text: wrapper },
        { name: 'secureone_management.ps1', text: management },
      ],
    },
    observed: {
      ...goodContent,
      persona: personaFor(wrong.desired?.manage ?? 'report'),
      sensor: { ...goodContent.sensor, found: { ...goodSensor, ...wrong.sensor } },
      package: { ...goodContent.package, found: { ...goodPackage, ...wrong.package } },
      ...wrong.observed,
    },
    selectsGroups: false,
    computers: 900,
    apiKeyExpires: null,
    now: '2026-03-02T09:00:00Z',
    ...wrong.input,
  });
}

/** All but what the API cannot tell of anybody's content. */
export function findingsIn({ verdicts }: ContentJudgement): readonly ContentFinding[] {
  return verdicts.flatMap(({ findings }) => findings).filter(({ id }) => !id.endsWith('.backgroundCollection'));
}

/** `error sensor.hidden`, in the order of the verdicts. */
export function told(wrong: Wrong = {}): readonly string[] {
  return findingsIn(judged(wrong)).map(({ id, severity }) => `${severity} ${id}`);
}

/** The one finding that there is. */
export function only(wrong: Wrong): ContentFinding {
  const [finding, ...others] = findingsIn(judged(wrong));
  if (finding === undefined || others.length > 0) throw new Error(`not one finding: ${told(wrong).join(', ')}`);
  return finding;
}
