/** `docs/posture.md`: every item of the posture, where it is read and who recommends it, from the table itself. */
import type { Form, PostureItem, Reading } from '../../src/endpoint/posture/item.ts';
import { postureItems } from '../../src/endpoint/posture/items.ts';
import { cell, code, generatedNote, table } from './markdown.ts';

export function posturePage(): string {
  return `# Posture

${generatedNote}

The posture is what the sensor \`NPS Posture\` and the action \`General.Posture\` say of a device's security settings: one
line of JSON, \`{"v":1,"kind":"workstation","smb":{"requireSigning":true},…}\`. The checks of a \`ComplianceBaseline\`
name its items by their path, see [compliance.md](compliance.md):

\`\`\`yaml
checks:
  - { path: smb.requireSigning, op: equals, value: true, severity: high }
  - { path: ntlm.level, op: atLeast, value: 5 }
\`\`\`

Nothing is changed to read it, no module is needed, and it holds no name and no clock, so that devices in the same state
answer the same text. Registry values are those of the 64-bit view. Where an item is read in several places, the first
that has a value decides: a policy goes before the setting of the machine.

An item that could not be read, or whose value has not the form that it must have, is left out, and a check of it is
unknown, never failed. A value that is not there counts as something only where Windows does not write it by itself and
Microsoft documents the same default for every version that it supports. On a domain controller, which has no accounts
of its own, \`accounts\`, \`laps\`, \`lockout\` and \`password\` are left out.

${table(
  ['item', 'meaning', 'read from', 'value', 'if absent', 'source'],
  postureItems.map((item) => [
    code(item.path),
    cell(item.meaning),
    item.readings.map(placeOf).join('; else '),
    valueOf(item.readings[0]?.form, item.readings[0]?.from.kind === 'device'),
    absentOf(item),
    cell(item.source),
  ]),
)}
`;
}

function placeOf({ from, name }: Reading): string {
  switch (from.kind) {
    case 'registry':
      return `${code(from.key)} ${code(name)}`;
    case 'cim':
      return `${code(from.class)} ${code(name)} in ${code(from.namespace)}${from.ofSystemDrive === true ? ', of the system drive' : ''}`;
    case 'policy':
      return 'the account policy of SAM';
    case 'device':
      return 'the script itself';
  }
}

function valueOf(form: Form | undefined, isMade: boolean): string {
  if (isMade && form === 'flag') return 'true or false';
  if (form?.startsWith('=') === true) return `true if ${form.slice(1)}`;
  return { flag: 'true unless 0', inverted: 'true if 0', integer: 'whole number', text: 'text' }[form as string] ?? '';
}

function absentOf({ absent, readings }: PostureItem): string {
  const form = readings[0]?.form;
  if (absent === undefined) return 'left out';
  if (form === 'integer') return String(absent);
  if (form?.startsWith('=') === true) return String(form === `=${absent}`);
  return String((absent !== 0) === (form === 'flag'));
}
