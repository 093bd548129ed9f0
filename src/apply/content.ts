/** Looks at Tanium's content, and makes what a plan says of it: by names that are there once, so that nothing is made twice. */
import { createHash } from 'node:crypto';
import { TrueupError } from '../errors.ts';
import type { ObservedContent, ScriptSource } from '../model/content.ts';
import { managementFile } from '../model/content-command.ts';
import type { IntegrationOptions } from '../model/options.ts';
import { contentKinds, type Plan, type PlannedChange } from '../model/plan.ts';
import { selectorsIn } from '../reconcile/attributes.ts';
import { type ContentJudgement, type ContentTexts, judgeContent, namesOf } from '../reconcile/content.ts';
import { asPosture, spellingsOf } from '../reconcile/content-script.ts';
import { sha256 } from '../reconcile/hash.ts';
import { packageFields, sensorFields } from './content-fields.ts';
import type { RunContext } from './context.ts';
import { groupsNamed } from './groups-named.ts';

export interface ContentLook extends ContentJudgement {
  readonly observed: ObservedContent;
  readonly texts: ContentTexts;
}

type LookContext = Pick<RunContext, 'desired' | 'provider' | 'content' | 'clock' | 'signal'>;

/**
 * Null: nobody declares content, or there is no way to it. Some eight requests; throws what the files are at fault for.
 * `computers`: how many are recorded, on which it depends what the token has to be allowed.
 */
export async function lookAtContent(
  context: LookContext,
  options: IntegrationOptions,
  computers = 0,
): Promise<ContentLook | null> {
  return context.desired.content.ref === null ? null : judgeWhatIsThere(context, options, computers);
}

/** The same whether or not content is declared: the integration needs it all the same, and `doctor` tells of it. */
export async function judgeWhatIsThere(
  context: LookContext,
  options: IntegrationOptions,
  computers = 0,
): Promise<ContentLook | null> {
  const { desired, provider, content, clock, signal } = context;
  if (content === undefined) return null;
  const texts = await textsOf(desired.content, content.read);
  const knownHashes = new Set(texts.files.flatMap(({ text }) => spellingsOf(text).map((one) => sha256(one))));
  const observed = await content.fleet.look({ ...namesOf(desired.content, options), knownHashes }, signal);
  const judgement = judgeContent({
    desired: desired.content,
    options,
    texts,
    observed,
    selectsGroups: groupsNamed(selectorsIn(desired)).length > 0,
    computers,
    apiKeyExpires: provider.apiKeyExpires,
    now: clock.now(),
  });
  return { ...judgement, observed, texts };
}

type Read = NonNullable<RunContext['content']>['read'];

async function textsOf(desired: RunContext['desired']['content'], read: Read): Promise<ContentTexts> {
  const text = async (script: ScriptSource): Promise<string> => {
    const bytes = await read(script);
    refuseAltered(script, bytes);
    return Buffer.from(bytes).toString('utf8');
  };
  return {
    sensor: await text(desired.sensor.script),
    postureSensor: asPosture(await text({ own: managementFile })),
    files: await Promise.all(
      desired.package.files.map(async ({ name, script }) => ({ name, text: await text(script) })),
    ),
  };
}

function refuseAltered(script: ScriptSource, bytes: Uint8Array): void {
  if ('own' in script || script.sha256 === null) return;
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === script.sha256) return;
  throw new TrueupError(
    'TRUEUP_CONFIG_INVALID',
    `The file ${script.path} is not the one that sha256 names: it has ${found}.`,
    {
      cause: 'The file was changed after its hash was declared, or line ends were converted on the way.',
      remedy: 'Put the file there that was reviewed, or declare the hash of this one.',
      source: `${script.source.file}:${script.source.line}`,
    },
  );
}

export function isContent({ kind }: Pick<PlannedChange, 'kind'>): boolean {
  return contentKinds.includes(kind);
}

/** Answers how many changes were made; those that somebody else has made meanwhile count too. */
export async function writeContent(
  context: RunContext,
  plan: Plan,
  look: ContentLook | null,
  options: IntegrationOptions,
): Promise<number> {
  const changes = plan.changes.filter(isContent);
  const { content } = context;
  if (changes.length === 0 || look === null || content === undefined) return 0;
  // The plan may have been looked at for a while: what is there now decides what is still to be made.
  const present = (await lookAtContent(context, options))?.observed ?? look.observed;
  for (const object of objects) {
    const own = changes.filter(({ subject }) => subject['object'] === object);
    if (own.length === 0) continue;
    await context.assertHeld();
    await write({ context, options, texts: look.texts, present, fleet: content.fleet }, object, own);
  }
  return changes.length;
}

/** The package first: a sensor that is there is asked at once. */
const objects = ['package', 'sensor', 'posture-sensor'] as const;
type ObjectName = (typeof objects)[number];

interface Writing {
  readonly context: RunContext;
  readonly options: IntegrationOptions;
  readonly texts: ContentTexts;
  readonly present: ObservedContent;
  readonly fleet: NonNullable<RunContext['content']>['fleet'];
}

async function write(writing: Writing, object: ObjectName, changes: readonly PlannedChange[]): Promise<void> {
  const { context, fleet, present } = writing;
  const { signal } = context;
  const isNew = changes.some(({ kind }) => kind === 'content.create');
  const properties = isNew ? null : new Set(changes.map(({ subject }) => subject['property'] ?? ''));
  const name = changes[0]?.subject['content'] ?? '';
  if (object === 'package') {
    const { found } = present.package;
    if (isNew && found !== null) return;
    const files = properties === null || properties.has('files') ? await uploaded(writing) : [];
    const fields = packageFields({ ...writing, name, files });
    if (properties === null) await once(writing, object, () => fleet.createPackage(fields, signal));
    else if (found !== null) await fleet.changePackage(found.id, fields.only(properties, found), signal);
  } else {
    const found = (object === 'sensor' ? present.sensor : present.postureSensor)?.found ?? null;
    if (isNew && found !== null) return;
    const fields = sensorFields({ ...writing, name, isPosture: object === 'posture-sensor' });
    if (properties === null) await once(writing, object, () => fleet.createSensor(fields, signal));
    else if (found !== null) await fleet.changeSensor(found.id, fields.only(properties, found), signal);
  }
  const done = isNew ? 'made' : `changed: ${[...(properties ?? [])].join(', ')}`;
  context.tell({ kind: 'note', text: `${object.replace('-', ' ')} ${JSON.stringify(name)} ${done}` });
}

/**
 * Of a doubtful answer, and of one that says that the name is taken, nobody knows more than a look shows: whatever was
 * made under the name is what was to be made, or the next plan finds the difference.
 */
async function once(writing: Writing, object: ObjectName, create: () => Promise<void>): Promise<void> {
  try {
    await create();
  } catch (error) {
    const isOpen = error instanceof TrueupError && (error.doubtful || error.code === 'TRUEUP_TANIUM_REFUSED');
    if (!isOpen || !(await isThere(writing, object))) throw error;
  }
}

async function isThere({ context, options }: Writing, object: ObjectName): Promise<boolean> {
  const observed = (await lookAtContent(context, options))?.observed;
  if (observed === undefined) return false;
  const seen = { package: observed.package, sensor: observed.sensor, 'posture-sensor': observed.postureSensor }[object];
  return (seen?.found ?? null) !== null;
}

/** The bytes as they are, not as they are compared: a signature holds for these alone. */
async function uploaded({
  context,
  fleet,
}: Writing): Promise<readonly { readonly name: string; readonly hash: string; readonly size: number }[]> {
  const files = [];
  for (const { name, script } of context.desired.content.package.files) {
    const bytes = (await context.content?.read(script)) ?? new Uint8Array();
    const hash = await fleet.upload(bytes, context.signal);
    const own = createHash('sha256').update(bytes).digest('hex');
    if (hash !== own) {
      throw new TrueupError(
        'TRUEUP_TANIUM_PROTOCOL',
        `Tanium has ${name} as ${hash || 'nothing'} after its upload, not as ${own}.`,
        {
          cause: 'Something on the way changed the bytes, or the upload did not come to its end.',
          remedy: 'Run again; nothing was made of it.',
        },
      );
    }
    files.push({ name, hash, size: bytes.byteLength });
  }
  return files;
}
