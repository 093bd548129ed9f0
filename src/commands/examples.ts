/** What `--help` shows of each verb after its options: command lines that work, and what each is for. */
import type { Command } from 'commander';

interface Example {
  readonly line: string;
  readonly what: string;
}

/** By the words of the verb. A test reads every line with the program's own parser. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  init: [{ line: 'trueup init fleet', what: 'a first configuration, in the folder fleet' }],
  validate: [
    { line: 'trueup validate', what: 'all files below this folder' },
    { line: 'trueup validate --config prod --json', what: 'for a pipeline; exit 0 or 1' },
  ],
  schema: [{ line: 'trueup schema LocalAccount > local-account.json', what: 'for an editor' }],
  plan: [
    { line: 'trueup plan', what: 'what an apply would do now; exit 2 where that is something' },
    { line: 'trueup plan --format markdown > comment.md', what: 'for a pull request' },
    { line: 'trueup plan --out reviewed.plan', what: 'kept for `trueup apply reviewed.plan`' },
    { line: 'trueup plan --only device=SRV-DB-1 --devices', what: 'of one device' },
  ],
  apply: [
    { line: 'trueup apply', what: 'shows the plan and asks' },
    { line: 'trueup apply reviewed.plan --yes --max-age 6h', what: 'exactly this plan, unless it is stale' },
    {
      line: "trueup apply --allow last-admin=LAB-PC-9 --reason 'INC-4711, is being reinstalled'",
      what: 'one guard, for one device',
    },
  ],
  scan: [
    { line: 'trueup scan', what: 'the fleet, then what waits in the queue' },
    { line: 'trueup scan --bulk', what: 'the group of bulk_scan_group, by one question' },
    { line: 'trueup scan --device SRV-DB-1', what: 'one device, now' },
    { line: 'trueup scan --status --watch', what: 'the Bulk Scan Monitor, live' },
  ],
  doctor: [
    { line: 'trueup doctor', what: 'what works and what does not; exit 1 where something fails' },
    { line: 'trueup doctor --target SRV-TEST-1 --write', what: 'all eight rows of the validation table' },
    { line: 'trueup doctor --fix', what: 'what is safely mended, by a plan that is shown first' },
    { line: 'trueup doctor --bundle help.json', what: 'for whoever helps, without a secret' },
  ],
  drift: [
    { line: 'trueup drift', what: 'what is open; exit 2 where something is' },
    { line: 'trueup drift --since 24h --device SRV-DB-1', what: 'of one device, since yesterday' },
    { line: 'trueup drift --attribute --yes', what: 'asks the devices first who did it' },
  ],
  compliance: [
    { line: 'trueup compliance', what: 'the score of each baseline, and what fails where' },
    { line: 'trueup compliance --device SRV-DB-1', what: 'every check of one device' },
  ],
  report: [
    { line: 'trueup report admins --out admins.csv', what: 'who is administrator where, since when, by which rule' },
    { line: 'trueup report drift --format html --out drift.html', what: 'a page that works without a network' },
  ],
  explain: [
    { line: 'trueup explain SRV-DB-1', what: 'each setting, member and account: which rule decides, and where' },
  ],
  audit: [{ line: 'trueup audit verify', what: 'whether the chain is whole, and which record is not' }],
  reconcile: [
    { line: 'trueup reconcile', what: 'looks every 5 minutes and records drift' },
    { line: 'trueup reconcile --yes --every 10m', what: 'keeps the fleet as declared' },
    { line: 'trueup reconcile --once --yes', what: 'one cycle, for a scheduler of your own' },
  ],
  rotate: [
    { line: 'trueup rotate', what: 'every password that is due' },
    { line: 'trueup rotate --device SRV-DB-1 --now', what: 'of one device, due or not' },
    { line: 'trueup rotate --policy breakglass --now --yes', what: 'of one policy, after somebody has left' },
  ],
  'password reveal': [
    { line: "trueup password reveal SRV-DB-1 --reason 'INC-4711'", what: 'on the terminal, until a key is pressed' },
    { line: "trueup password reveal SRV-DB-1 --reason 'INC-4711' --stdout | clip", what: 'for another program' },
  ],
  'password history': [{ line: 'trueup password history SRV-DB-1', what: 'which are kept, and who has read them' }],
  'password export': [
    {
      line: 'trueup password export --to safe.pub.pem > passwords.jsonl',
      what: 'all, for whoever has the private key',
    },
    { line: 'trueup password export --recovery > passwords.jsonl', what: 'where the key of the store is lost' },
  ],
  'password open': [
    {
      line: 'trueup password open passwords.jsonl --key safe.pem --device SRV-DB-1 --stdout',
      what: 'on any machine, without the store',
    },
  ],
  'key list': [{ line: 'trueup key list', what: 'what is sealed under which key, and whether a key is missing' }],
  'key rotate': [{ line: 'trueup key rotate', what: 'again where it was cut off: it goes on from there' }],
  'token list': [{ line: 'trueup token list', what: 'which one is in use, and when it ends' }],
  'token rotate': [
    { line: 'trueup token rotate --yes', what: 'where apiKey is a {file}, for a scheduler' },
    {
      line: "trueup token rotate --sink 'vault kv put -mount=secret tanium token=-'",
      what: 'where apiKey is a variable that a vault sets',
    },
  ],
  backup: [{ line: 'trueup backup monday.backup --to safe.pub.pem', what: 'while everything runs' }],
  restore: [{ line: 'trueup restore monday.backup --key safe.pem', what: 'where there is no store yet' }],
  encode: [
    {
      line: 'trueup encode -- -Target LocalGroup -Action MemberList',
      what: 'what the package takes as EncodedCommand',
    },
    {
      line: "trueup encode -- -Target LocalUser -Action SetProperty -UserName ops -PropertyKey Description -PropertyValue 'On call'",
      what: 'names as they are',
    },
  ],
  simulate: [
    { line: 'trueup simulate --devices 500 --drift 0.2', what: 'a Tanium Cloud with 500 devices, 100 of which differ' },
    { line: 'trueup simulate --fleet fleet.yaml --powershell', what: 'described devices that run the real scripts' },
  ],
  demo: [{ line: 'trueup demo', what: 'the whole loop, in a temporary folder' }],
  completion: [
    { line: 'source <(trueup completion bash)', what: 'in ~/.bashrc; zsh the same in ~/.zshrc' },
    { line: 'trueup completion fish > ~/.config/fish/completions/trueup.fish', what: 'for fish' },
    { line: 'trueup completion powershell | Out-String | Invoke-Expression', what: 'in $PROFILE' },
  ],
};

/** Whether or not there is room beside it: a line of an example is never broken. */
const whatColumn = 48;

export function addExamples(program: Command): void {
  for (const [words, list] of Object.entries(examples)) {
    const found = words
      .split(' ')
      .reduce<Command | undefined>((parent, word) => parent?.commands.find((one) => one.name() === word), program);
    found?.addHelpText('after', `\nExamples:\n${list.map(textOf).join('\n')}`);
  }
}

function textOf({ line, what }: Example): string {
  return line.length < whatColumn
    ? `  ${line.padEnd(whatColumn)}${what}`
    : `  ${line}\n  ${' '.repeat(whatColumn)}${what}`;
}
