/** The verbs with their options. Each verb's own module is loaded when it is called. */
import { Argument, Command, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { complete, completion, type Shell, shells } from './completion.ts';
import { addExamples } from './examples.ts';
import type { Io } from './io.ts';
import {
  type AllowanceOptions,
  allowancesIn,
  type Common,
  configOption,
  configPaths,
  duration,
  type Finish,
  formatOf,
  refuseMixedScan,
  seconds,
  sessionOptions,
  share,
  verb,
  wholeNumber,
  withAllowances,
  withApprovals,
  withFormat,
  withSession,
} from './options.ts';
import { addLooks } from './program-looks.ts';
import { addPasswords } from './program-passwords.ts';
import { addTokens } from './program-tokens.ts';

/** Runs a command line; the demo types them as an operator does. */
export type Run = (argv: readonly string[], io: Io) => Promise<number>;

/** Not parsed yet. */
export function programOf(io: Io, finish: Finish, run: Run): Command {
  const program = new Command('trueup')
    .description('Configuration-as-code for privileged Windows accounts, enforced through Tanium.')
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => {} })
    .showHelpAfterError(false)
    .helpCommand(false);
  addInit(program, io, finish);
  addValidate(program, io, finish);
  addSchema(program, io, finish);
  addPlan(program, io, finish);
  addApply(program, io, finish);
  addScan(program, io, finish);
  addLooks(program, io, finish);
  addReconcile(program, io, finish);
  addPasswords(program, io, finish);
  addTokens(program, io, finish);
  addEncode(program, io, finish);
  addSimulate(program, io, finish);
  addDemo(program, io, finish, run);
  addCompletion(program, io, finish);
  addExamples(program);
  return program;
}

function addInit(program: Command, io: Io, finish: Finish): void {
  verb(program, 'init', 'writes a first configuration, with comments, into this folder or another one')
    .argument('[folder]', 'where to', '.')
    .action(async (folder: string) => {
      const { init } = await import('./init.ts');
      finish(await init({ folder }, io));
    });
}

function addValidate(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'validate', 'checks the configuration, all files and all errors in one run').addOption(
    configOption(),
  );
  withFormat(command, 'text', 'json').action(async (given: Common) => {
    const { validate } = await import('./validate.ts');
    finish(await validate({ config: configPaths(given, io), format: formatOf(given) }, io));
  });
}

function addSchema(program: Command, io: Io, finish: Finish): void {
  verb(program, 'schema', 'prints the JSON Schema of a kind, or of all, for editors')
    .argument('[kind]', 'EdrProvider, ComputerPolicy, LocalGroupMembership, …')
    .option('--json', 'as always: a schema is JSON')
    .action(async (kind: string | undefined) => {
      const { schema } = await import('./schema.ts');
      finish(await schema(kind, io));
    });
}

function addPlan(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'plan', 'shows what an apply would do now, and does none of it')
    .option('--out <file>', 'keeps the plan for `apply FILE`')
    .option('--sign-key <file>', 'signs it with an Ed25519 private key in PEM (TRUEUP_SIGN_KEY)')
    .option('--fresh', 'asks the fleet anew, whatever scan is stored', false)
    .option('--devices', 'names the devices of each change', false)
    .option('--only <what>', 'policy=NAME or device=NAME');
  type Given = Common &
    AllowanceOptions & {
      readonly out?: string;
      readonly signKey?: string;
      readonly fresh: boolean;
      readonly devices: boolean;
      readonly only?: string;
      readonly approve?: readonly string[];
    };
  withFormat(withSession(withApprovals(withAllowances(command))), 'text', 'json', 'markdown', 'html').action(
    async (given: Given) => {
      const { plan } = await import('./plan.ts');
      const { fresh, devices, only = null, approve = [], out = null, signKey = null } = given;
      const options = { ...sessionOptions(given, io), format: formatOf(given), allow: allowancesIn(given) };
      finish(await plan({ ...options, fresh, devices, only, approve, out, signKey }, io));
    },
  );
}

function addApply(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'apply', 'shows the plan, asks, carries it out, looks again')
    .argument('[file]', 'a plan of `plan --out`; without it, the plan of this moment')
    .option('--yes', 'does not ask', false)
    .option('--devices', 'names the devices of each change', false)
    .option('--only <what>', 'policy=NAME or device=NAME; a file has its own')
    .option('--max-age <duration>', 'refuses a file that is older, as 30m or 6h', duration)
    .option('--verify-key <file>', 'refuses a file that this Ed25519 public key did not sign (TRUEUP_VERIFY_KEY)')
    .option('--turn-off', 'lets a plan turn the whole integration off', false)
    .option('--wait <seconds>', 'how long to wait for another run of the provider', seconds, 0);
  type Given = Common &
    AllowanceOptions & {
      readonly yes: boolean;
      readonly turnOff: boolean;
      readonly devices: boolean;
      readonly only?: string;
      readonly approve?: readonly string[];
      readonly maxAge?: number;
      readonly verifyKey?: string;
      readonly wait: number;
    };
  withFormat(withSession(withApprovals(withAllowances(command))), 'text', 'json').action(
    async (file: string | undefined, given: Given) => {
      const { apply } = await import('./apply.ts');
      const { yes, turnOff, devices, only = null, approve = [], maxAge = null, verifyKey = null, wait } = given;
      const options = { ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given), file: file ?? null };
      const asked = { allow: allowancesIn(given), only, approve };
      finish(await apply({ ...options, ...asked, yes, turnOff, devices, maxAge, verifyKey, wait }, io));
    },
  );
}

function addScan(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'scan', 'asks the devices who their administrators are, and changes nothing on them')
    .option('--bulk', 'the group of bulk_scan_group alone, by one question', false)
    .option('--device <name>', 'this device alone: in real time under Protect, else from the cache')
    .option('--collect-now', 'past the caches of the clients', false)
    .option('--devices', 'names every device that was not scanned', false)
    .option('--wait <seconds>', 'how long to wait for another run of the provider', seconds, 0)
    .option('--status', 'shows the Bulk Scan Monitor, the queue and the last scans, and scans nothing', false)
    .option('--watch', 'with --status: again and again, until it is interrupted', false);
  interface Given extends Common {
    readonly bulk: boolean;
    readonly device?: string;
    readonly collectNow: boolean;
    readonly devices: boolean;
    readonly wait: number;
    readonly status: boolean;
    readonly watch: boolean;
  }
  withFormat(withSession(command), 'text', 'json').action(async (given: Given) => {
    const { bulk, device = null, collectNow, devices, wait, status, watch } = given;
    const options = { ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given) };
    refuseMixedScan(given);
    if (status) {
      const { scanStatus } = await import('./scan-status.ts');
      finish(await scanStatus({ ...options, watch }, io));
    } else {
      const { scan } = await import('./scan.ts');
      finish(await scan({ ...options, bulk, device, collectNow, devices, wait }, io));
    }
  });
}

function addReconcile(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'reconcile', 'keeps the fleet as declared: enforces with --yes, else records drift')
    .option('--every <duration>', 'from begin to begin, 30s, 5m or 6h (default: 5m)')
    .option('--cron <expression>', 'when, instead of --every')
    .option('--once', 'one cycle', false)
    .option('--yes', 'enforces', false)
    .option('--notify <command>', 'run for each event, with the event as JSON on its standard input')
    .option('--json', 'as always: a cycle is one JSON line');
  interface Given extends Common {
    readonly every?: string;
    readonly cron?: string;
    readonly once: boolean;
    readonly yes: boolean;
    readonly notify?: string;
  }
  withSession(command).action(async (given: Given) => {
    const { reconcile } = await import('./reconcile.ts');
    const { every = null, cron = null, once, yes, notify = null } = given;
    finish(await reconcile({ ...sessionOptions(given, io), every, cron, once, yes, notify }, io));
  });
}

function addEncode(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'encode', 'writes the parameter of the package for commands of the endpoint script')
    .argument('[words...]', 'behind --: -Target …, -Action … and its parameters; a word ; parts commands')
    .usage('[options] -- -Target <target> -Action <action> [-Parameter <value> …]')
    .addHelpText('after', encodeHelp);
  withFormat(command, 'text', 'json').action(async (words: readonly string[], given: Common) => {
    const { encode } = await import('./encode.ts');
    finish(await encode({ words, format: formatOf<'text' | 'json'>(given) }, io));
  });
}

const encodeHelp = `
Without words it reads standard input, one command a line. Names may be given as they are: -UserName, -GroupName,
-MemberName and -PropertyValue (these two may be given again) become -UserNameB64 and so on.

  trueup encode -- -Target LocalGroup -Action MemberList
  trueup encode -- -Target LocalUser -Action SetProperty -UserName ops -PropertyKey Description -PropertyValue 'On call'
`;

function addCompletion(program: Command, io: Io, finish: Finish): void {
  verb(program, 'completion', 'prints what makes your shell complete verbs, options and their values')
    .addArgument(new Argument('<shell>', 'yours').choices(shells))
    .action((shell: Shell) => finish(completion(shell, io)));
  program
    .command('complete [words...]', { hidden: true })
    .action((words: readonly string[]) => finish(complete(program, words, io)));
}

function addSimulate(program: Command, io: Io, finish: Finish): void {
  verb(program, 'simulate', 'serves a simulated Tanium Cloud with a fleet of simulated Windows devices')
    .option('--port <number>', '0: a free one', wholeNumber, 0)
    .option('--devices <number>', 'how many', wholeNumber, 200)
    .option('--drift <share>', 'of the devices that differ from examples/minimal, 0 to 1', share, 0)
    .option('--seed <number>', 'equal seeds make equal fleets', wholeNumber, 1)
    .option('--fleet <file>', 'a fleet described in YAML, instead of --devices and --drift')
    .option('--latency-ms <number>', 'added to each answer', wholeNumber, 0)
    .addOption(
      new Option('--clock <kind>', "Tanium's own delays: as they are, × 0.02, or moved by /_sim/clock")
        .choices(['real', 'fast', 'virtual'])
        .default('fast'),
    )
    .option('--bare', 'without sensor, package and groups of NPS-D', false)
    .option('--tls', 'over TLS, with a throw-away certificate', false)
    .option('--powershell', 'the devices run the real endpoint scripts, under the pwsh on PATH', false)
    .option('--ready-file <file>', 'written once connections are accepted: {url, token, caFile}')
    .action(async (given: SimulateGiven) => {
      const { simulate } = await import('./simulate.ts');
      const { fleet = null, readyFile = null, ...rest } = given;
      finish(await simulate({ ...rest, fleet, readyFile }, io));
    });
}

interface SimulateGiven {
  readonly port: number;
  readonly devices: number;
  readonly drift: number;
  readonly seed: number;
  readonly fleet?: string;
  readonly latencyMs: number;
  readonly clock: 'real' | 'fast' | 'virtual';
  readonly bare: boolean;
  readonly tls: boolean;
  readonly powershell: boolean;
  readonly readyFile?: string;
}

function addDemo(program: Command, io: Io, finish: Finish, run: Run): void {
  verb(program, 'demo', 'runs the whole loop on a simulated fleet, in a temporary folder, and tells what it does')
    .option('--powershell', 'the devices run the real endpoint scripts, under the pwsh on PATH', false)
    .action(async (given: { readonly powershell: boolean }) => {
      const { demo } = await import('./demo.ts');
      finish(await demo({ powershell: given.powershell }, io, run));
    });
}
