/** The verbs that tell how things stand. */
import { Argument, type Command, Option } from 'commander';
import { type ReportName, reportNames } from '../model/report.ts';
import { type ReportFormat, reportFormats } from '../render/report-format.ts';
import type { Io } from './io.ts';
import {
  type Common,
  type Finish,
  formatOf,
  sessionOptions,
  verb,
  wholeNumber,
  withFormat,
  withSession,
} from './options.ts';

export function addLooks(program: Command, io: Io, finish: Finish): void {
  addDoctor(program, io, finish);
  addDrift(program, io, finish);
  addCompliance(program, io, finish);
  addReport(program, io, finish);
  addExplain(program, io, finish);
  addAudit(program, io, finish);
}

function addDoctor(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'doctor', 'tells what of the integration works, what does not, and what to do')
    .option('--target <device>', 'looks at this test machine, and sends it the package test, which changes nothing')
    .option('--write', 'with --target: makes an account there, tries out access and rotation, and deletes it', false)
    .addOption(
      new Option('--accept <check>', 'warns where this check fails; may be given again').argParser(
        (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
      ),
    )
    .option('--fix', 'shows a plan of content, toggle, provider and options, asks, applies it, and looks again', false)
    .option('--yes', 'with --fix: does not ask', false)
    .option('--bundle <file>', 'writes what whoever helps needs to see there, without a secret')
    .option('--probe', 'asks Tanium once, and shows the status and how the answer begins', false);
  type Given = Common & {
    readonly target?: string;
    readonly write: boolean;
    readonly accept?: readonly string[];
    readonly fix: boolean;
    readonly yes: boolean;
    readonly bundle?: string;
    readonly probe: boolean;
  };
  withFormat(withSession(command), 'text', 'json', 'markdown', 'html').action(async (given: Given) => {
    const { doctor, probe } = await import('./doctor.ts');
    const { target = null, accept = [], bundle = null, write, fix, yes } = given;
    const options = sessionOptions(given, io);
    if (given.probe) finish(await probe(options, io));
    else finish(await doctor({ ...options, format: formatOf(given), target, write, accept, bundle, fix, yes }, io));
  });
}

function addDrift(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'drift', 'lists what was found otherwise than declared')
    .option('--device <name>', 'of this device alone')
    .option('--since <time>', 'seen at or after a time, a day, or a duration ago (24h)')
    .option('--devices', 'one line for each device', false)
    .option('--attribute', 'asks the devices first who made what is open, by an action that changes nothing', false)
    .option('--yes', 'really asks them', false);
  type Given = Common & {
    readonly device?: string;
    readonly since?: string;
    readonly devices: boolean;
    readonly attribute: boolean;
    readonly yes: boolean;
  };
  withFormat(withSession(command), 'text', 'json', 'markdown', 'html').action(async (given: Given) => {
    const { drift } = await import('./drift.ts');
    const { device = null, since = null, devices, attribute, yes } = given;
    const options = { ...sessionOptions(given, io), format: formatOf(given), device, since, devices };
    finish(await drift({ ...options, attribute, yes }, io));
  });
}

function addCompliance(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'compliance', 'holds the fleet against its baselines, and changes nothing')
    .option('--baseline <name>', 'this ComplianceBaseline alone')
    .option('--device <name>', 'this device alone, with every check')
    .option('--fresh', 'asks the devices themselves, whatever is stored or kept', false)
    .option('--devices', 'names every device, and shows every check', false);
  type Given = Common & {
    readonly baseline?: string;
    readonly device?: string;
    readonly fresh: boolean;
    readonly devices: boolean;
  };
  withFormat(withSession(command), 'text', 'json', 'markdown', 'html').action(async (given: Given) => {
    const { compliance } = await import('./compliance.ts');
    const { baseline = null, device = null, fresh, devices } = given;
    const options = { ...sessionOptions(given, io), format: formatOf(given) };
    finish(await compliance({ ...options, baseline, device, fresh, devices }, io));
  });
}

function addReport(program: Command, io: Io, finish: Finish): void {
  const command = verb(
    program,
    'report',
    'lists who is administrator where, what drifted, or each check of each device',
  )
    .addArgument(new Argument('<what>', 'of which a row each').choices(reportNames))
    .addOption(new Option('--format <format>', 'of the rows').choices(reportFormats).default('csv'))
    .option('--json', 'the same as --format json')
    .option('--out <file>', 'writes there instead of to standard output');
  type Given = Omit<Common, 'format'> & { readonly format: ReportFormat; readonly out?: string };
  withSession(command).action(async (what: ReportName, { out, format, json, ...given }: Given) => {
    const { report } = await import('./report.ts');
    const options = { ...sessionOptions({ ...given, format: 'json' }, io), report: what, out: out ?? null };
    finish(await report({ ...options, format: json ? 'json' : format }, io));
  });
}

function addExplain(program: Command, io: Io, finish: Finish): void {
  const command = verb(
    program,
    'explain',
    'tells of one device what is declared, what is there, and which line decides',
  )
    .argument('<device>', 'Computer Name, NAME#COMPUTERID, the name without its domain, or Computer ID')
    .option('--fresh', 'asks the fleet anew, whatever scan is stored', false);
  withFormat(withSession(command), 'text', 'json').action(
    async (device: string, given: Common & { readonly fresh: boolean }) => {
      const { explain } = await import('./explain.ts');
      const options = { ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given) };
      finish(await explain({ ...options, device, fresh: given.fresh }, io));
    },
  );
}

function addAudit(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'audit', 'lists who applied what; `audit verify` finds what was altered since')
    .addArgument(new Argument('[verify]', 'checks the chain of records').choices(['verify']))
    .option('--last <number>', 'how many records, the newest', wholeNumber, 50);
  type Given = Common & { readonly last: number };
  withFormat(withSession(command), 'text', 'json').action(async (verify: string | undefined, given: Given) => {
    const { audit } = await import('./audit.ts');
    const options = { ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given) };
    finish(await audit({ ...options, verify: verify !== undefined, last: given.last }, io));
  });
}
