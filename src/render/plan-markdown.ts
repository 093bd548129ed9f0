/**
 * The plan as a comment of a pull request. What takes something away and what has a consequence stands above the fold; the
 * rest is folded. Where it would be too long it says less, level by level: devices are counted, then changes by their
 * kinds; and it says that it does, and where the whole plan is.
 */
import type { HeldChange, Plan, PlannedChange } from '../model/plan.ts';
import { ambiguousNames, changePhrase, creationPhrase, signOf, takesAway, type WithSid } from './change-phrase.ts';
import { type Bounds, couldFit, fitting } from './fitting.ts';
import { code, details, type Heading, longestComment, phraseMarkdown, prose, table } from './markdown.ts';
import { blocksOf, largest, reasonPhrase } from './plan-blocks.ts';
import { fieldText, guardsOf, holdPhrase } from './plan-held.ts';
import { budgetWords, effortWords, onlyPhrase, scanWords, scopeWords, verdict, wavesPhrase } from './plan-words.ts';
import { sections } from './view.ts';
import { counted, grouped, place, tally } from './words.ts';

/** `rows` is of folded tables. */
interface Level extends Bounds {
  /** Rows above the fold. */
  readonly above: number;
  /** Cells of a name. */
  readonly name: number;
  /** What the level leaves out; null: nothing. */
  readonly without: string | null;
}

const all = Number.POSITIVE_INFINITY;
const noNames = 'device names';
const noRows = 'device names, and the changes that are only counted by kind';

/** The last has no rows at all, and so an end. */
const levels: readonly Level[] = [
  { devices: all, rows: all, above: all, name: 100, without: null },
  { devices: 20, rows: all, above: all, name: 100, without: noNames },
  { devices: 3, rows: all, above: all, name: 100, without: noNames },
  { devices: 0, rows: all, above: all, name: 100, without: noNames },
  { devices: 0, rows: 100, above: all, name: 100, without: noRows },
  { devices: 0, rows: 30, above: all, name: 100, without: noRows },
  { devices: 0, rows: 10, above: 200, name: 100, without: noRows },
  { devices: 0, rows: 10, above: 60, name: 60, without: noRows },
  { devices: 0, rows: 3, above: 15, name: 60, without: noRows },
  { devices: 0, rows: 0, above: 0, name: 40, without: noRows },
];

/** Cells of the name that `--only` was given. */
const longestOnly = 100;
/** Cells of a whole sentence. */
const longestSentence = 300;

/** At most 60,000 characters, for any plan and any names. */
export function planMarkdown(plan: Plan): string {
  const withSid = ambiguousNames([...plan.changes, ...plan.held].map(({ subject }) => subject));
  const changes = blocksOf(plan).flatMap((block) => block.changes);
  const grave = changes.filter(takesAway);
  const others = changes.filter((change) => !takesAway(change));
  const listed = [...plan.changes, ...plan.held];
  const worthIt = levels.filter((level) => couldFit(listed, level, shortest, longestComment));
  return fitting(worthIt, longestComment, (level) =>
    sections([
      headLines(plan),
      refusalLines(plan),
      shortenedLines(level),
      effortLines(plan, level),
      graveLines(grave, withSid, level),
      consequenceLines(changes, withSid, level),
      warningLines(plan, level),
      foldedLines(others, grave.length > 0, withSid, level),
      heldLines(plan, withSid, level),
      pendingLines(plan, level),
      notActedOnLines(plan, level),
    ]),
  );
}

/** One letter in a code span, with what divides it from the next; a row of a change that is about one letter. */
const shortest = { name: '`x`, '.length, row: '| ~ | x |  |  | `x` |'.length };

function headLines(plan: Plan): string[] {
  const narrow = onlyPhrase(plan);
  const inputs = [
    `config ${code(plan.config.slice(0, 7), 7)}`,
    ...(narrow === null ? [] : [phraseMarkdown(narrow, longestOnly)]),
    ...scanWords(plan.scan),
  ];
  return [`## Trueup plan ${code(plan.digest.slice(0, 8), 8)}`, '', `**${verdict(plan)}**`, '', inputs.join(' · ')];
}

function refusalLines({ refusal }: Plan): string[] {
  return refusal === null ? [] : ['> [!CAUTION]', `> ${prose(refusal.message, longestSentence)}`];
}

function shortenedLines({ without }: Level): string[] {
  if (without === null) return [];
  return [
    '> [!NOTE]',
    `> Shortened to fit into a comment, without ${without}. The whole plan is in \`trueup plan --devices\` and \`trueup plan --json\`.`,
  ];
}

const changeHeadings: readonly Heading[] = [
  { text: '', align: 'center' },
  { text: 'Change' },
  { text: 'Devices', align: 'right' },
  { text: 'Reason' },
  { text: 'Policy' },
];

function graveLines(changes: readonly PlannedChange[], withSid: WithSid, level: Level): string[] {
  if (changes.length === 0) return [];
  return ['### Removed, deleted, disabled', '', ...changeTable(changes, withSid, level, level.above)];
}

function foldedLines(changes: readonly PlannedChange[], besides: boolean, withSid: WithSid, level: Level): string[] {
  if (changes.length === 0) return [];
  const summary = counted(changes.length, besides ? 'other change' : 'change');
  return details(summary, changeTable(changes, withSid, level, level.rows));
}

function changeTable(changes: readonly PlannedChange[], withSid: WithSid, level: Level, most: number): string[] {
  const { shown, rest } = largest(changes, most);
  const rows = shown.map((change) => [
    signOf(change.kind),
    changeCell(change, withSid, level),
    devicesCell(change.devices, level),
    phraseMarkdown(reasonPhrase(change), level.name),
    `${code(change.policy, level.name)} ${code(place(change.source), level.name)}`,
  ]);
  return [...(rows.length === 0 ? [] : table(changeHeadings, rows)), ...moreLines(rest, 'kind', rows.length > 0)];
}

function changeCell(change: PlannedChange, withSid: WithSid, level: Level): string {
  const created = phraseMarkdown(creationPhrase(change, false), level.name);
  const text = phraseMarkdown(changePhrase(change, withSid), level.name);
  return created === '' ? text : `${text}: ${created}`;
}

function devicesCell(devices: readonly string[], level: Level): string {
  if (devices.length === 0) return '';
  const named = devices.slice(0, level.devices).map((device) => code(device, level.name));
  if (named.length === 0) return grouped(devices.length);
  const more = devices.length > named.length ? [`and ${grouped(devices.length - named.length)} more`] : [];
  return `${grouped(devices.length)}: ${[...named, ...more].join(', ')}`;
}

/** What is left out, counted by kind or by guard: there are only so many of them. */
function moreLines<By extends 'kind' | 'guard'>(
  left: readonly ({ readonly devices: readonly string[] } & { readonly [key in By]: string })[],
  by: By,
  after: boolean,
): string[] {
  if (left.length === 0) return [];
  const devices = new Set(left.flatMap((one) => one.devices)).size;
  const text = `${grouped(left.length)} ${after ? 'more' : 'in all'}, on ${counted(devices, 'device')}`;
  const counts = tally(left, (one) => one[by]).map(([key, count]) => `\`${key}\` ${grouped(count)}`);
  return [...(after ? ['', `And ${text}:`] : [`${text}:`]), counts.join(' · ')];
}

/** Never folded (#116). */
function consequenceLines(changes: readonly PlannedChange[], withSid: WithSid, level: Level): string[] {
  const grave = changes.filter((change) => change.consequence !== null);
  if (grave.length === 0) return [];
  const { shown, rest } = largest(grave, Math.max(3, level.above));
  return [
    '### Consequences',
    '',
    ...shown.map((change) => {
      const on = change.devices.length === 0 ? '' : ` on ${counted(change.devices.length, 'device')}`;
      const consequence = prose(change.consequence ?? '', longestSentence);
      return `- ${phraseMarkdown(changePhrase(change, withSid), level.name)}${on}: ${consequence}`;
    }),
    ...(rest.length === 0 ? [] : [`- and ${counted(rest.length, 'more change')} with a consequence`]),
  ];
}

function warningLines({ warnings }: Plan, level: Level): string[] {
  if (warnings.length === 0) return [];
  const shown = warnings.slice(0, level.rows);
  const left = warnings.length - shown.length;
  return [
    '### Warnings',
    '',
    ...shown.map((warning) => `- ${prose(warning, longestSentence)}`),
    ...(left === 0 ? [] : [`- ${counted(left, 'warning')} not shown here`]),
  ];
}

function effortLines(plan: Plan, level: Level): string[] {
  const effort = effortWords(plan);
  const waves = wavesPhrase(plan);
  const scope = scopeWords(plan.scan);
  const budgets = budgetWords(plan).map(({ text, over }) => (over ? `**${text} (over)**` : text));
  return [
    ...(effort === null ? [] : [`- ${effort}`]),
    ...(waves === null ? [] : [`- waves: ${phraseMarkdown(waves, level.name)}`]),
    ...(scope === null ? [] : [`- scope: ${scope}`]),
    ...(budgets.length === 0 ? [] : [`- budget: ${budgets.join(' · ')}`]),
  ];
}

function heldLines(plan: Plan, withSid: WithSid, level: Level): string[] {
  if (plan.held.length === 0) return [];
  const holds = guardsOf(plan).flatMap((one) => one.holds);
  const { shown, rest } = largest(holds, level.rows);
  const rows = shown.map((hold) => [
    `\`${hold.guard}\``,
    devicesCell(hold.devices, level),
    whyCell(hold, withSid, level),
    hold.release === null ? '' : prose(hold.release, longestSentence),
  ]);
  const headings = [
    { text: 'Guard' },
    { text: 'Devices', align: 'right' as const },
    { text: 'Why' },
    { text: 'To release' },
  ];
  const lines = [...(rows.length === 0 ? [] : table(headings, rows)), ...moreLines(rest, 'guard', rows.length > 0)];
  return details(`Held back: ${grouped(plan.summary.held)}`, lines);
}

function whyCell(hold: HeldChange, withSid: WithSid, level: Level): string {
  const phrase = holdPhrase({ ...hold, message: '' }, withSid).slice(0, -1);
  return `${phraseMarkdown(phrase, level.name)}${prose(hold.message, longestSentence)}`;
}

function pendingLines({ pending }: Plan, level: Level): string[] {
  if (pending.length === 0) return [];
  return [`Pending, since an earlier action is not answered yet: ${devicesCell(pending, level)}`];
}

function notActedOnLines({ notActedOn }: Plan, level: Level): string[] {
  if (notActedOn.length === 0) return [];
  const shown = notActedOn.slice(0, level.rows);
  const left = notActedOn.length - shown.length;
  return details('Not acted on yet: declared and checked, and this version does nothing about it', [
    ...shown.map(({ kind, policy, source, fields }) => {
      const named = fields.slice(0, 20).map((field) => code(fieldText(field), level.name));
      const more = fields.length > named.length ? `, and ${grouped(fields.length - named.length)} more` : '';
      return `- ${kind} ${code(policy, level.name)} ${code(place(source), level.name)}: ${named.join(', ')}${more}`;
    }),
    ...(left === 0 ? [] : [`- ${counted(left, 'statement')} not shown here`]),
  ]);
}
