/** The two endpoint scripts as one simulated machine runs them: parameter in, report lines out. */
import { type ActionName, actionNameOf, type Command, changesDevice, complaintAbout } from '../../endpoint/command.ts';
import type { JsonObject } from '../../endpoint/json.ts';
import { CommandRefused, decodeParameter, parseCommands } from '../../endpoint/parse.ts';
import { encodeReport, type Report, type ReportError, type ReportMeta } from '../../endpoint/report.ts';
import { scriptVersion } from '../../endpoint/version.ts';
import {
  createUser,
  deleteUser,
  disableUser,
  enableUser,
  getUser,
  listUsers,
  renameUser,
  setProperties,
  unlockUser,
} from './accounts.ts';
import { type Action, ActionFailed, type Machine, unchanged } from './action.ts';
import { attribution } from './attribution.ts';
import { addMembers, listGroups, listMembers, removeMembers } from './groups.ts';
import { textOf } from './journal.ts';
import { acknowledge, rotatePassword } from './rotation.ts';
import { inventoryOf, postureOfMachine } from './sensors.ts';
import { newSession, setPassword } from './session.ts';
import type { MachineState } from './state.ts';
import { usage } from './usage.ts';

export interface ScriptRun {
  readonly lines: readonly string[];
  readonly state: MachineState;
}

/** How the machine signs its reports. */
export interface Signature {
  readonly computer: string;
  readonly domain: string | null;
  readonly ms: number;
}

const actions: Readonly<Record<ActionName, Action>> = {
  'General.Inventory': ({ state }) => unchanged(JSON.parse(inventoryOf(state)) as JsonObject),
  'General.Posture': ({ state }) => unchanged(JSON.parse(postureOfMachine(state)) as JsonObject),
  'General.Usage': usage,
  'General.Attribution': attribution,
  'General.NewSession': newSession,
  'General.Acknowledge': acknowledge,
  'General.SelfTest': selfTest,
  'LocalGroup.List': listGroups,
  'LocalGroup.MemberList': listMembers,
  'LocalGroup.AddMember': addMembers,
  'LocalGroup.RemoveMember': removeMembers,
  'LocalUser.List': listUsers,
  'LocalUser.Get': getUser,
  'LocalUser.Create': createUser,
  'LocalUser.Delete': deleteUser,
  'LocalUser.Enable': enableUser,
  'LocalUser.Disable': disableUser,
  'LocalUser.SetProperty': setProperties,
  'LocalUser.Rename': renameUser,
  'LocalUser.Unlock': unlockUser,
  'LocalUser.SetPassword': setPassword,
  'LocalUser.RotatePassword': rotatePassword,
};

const freeMegabytes = 20_480;

function selfTest({ state, now }: Machine): ReturnType<Action> {
  const { powershell, bits, language, localAccounts } = state;
  const clock = textOf(now);
  return unchanged({ ps: powershell, bits, lang: language, module: localAccounts, clock, free: freeMegabytes });
}

/** `expand_params.ps1`: check all, then run in order; after the first that is not ok none runs. */
export function runScript(machine: Machine, signature: Signature, parameter: string): ScriptRun {
  if (machine.state.language === 'constrained') return { lines: constrainedReport(), state: machine.state };
  let commands: Command[];
  try {
    commands = parseCommands(decodeParameter(parameter));
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    const refusal = { code: 'bad-argument', message: error.message, native: null } as const;
    const meta = metaOf(machine, signature, null);
    const report: Report = { n: 1, of: 1, meta, status: 'refused', changed: false, data: null, error: refusal };
    return { lines: [encodeReport(report, 'base64')], state: machine.state };
  }
  const lines: string[] = [];
  let state = machine.state;
  let stopped = false;
  for (const [index, command] of commands.entries()) {
    const place = { n: index + 1, of: commands.length, meta: commandMeta(machine, signature, command) };
    const result: Result = stopped ? skipped : execute({ ...machine, state }, command);
    state = result.state ?? state;
    stopped ||= result.report.status !== 'ok';
    lines.push(encodeReport({ ...place, ...result.report }, command.parameters.SimpleResult ? 'json' : 'base64'));
  }
  return { lines, state };
}

interface Result {
  readonly report: Pick<Report, 'status' | 'changed' | 'data' | 'error'>;
  readonly state: MachineState | null;
}

const skipped: Result = { report: { status: 'skipped', changed: false, data: null, error: null }, state: null };

/** `secureone_management.ps1`: one command. */
function execute(machine: Machine, command: Command): Result {
  try {
    const { state, data, changed = state !== null } = actionOf(machine, command)(machine, command.parameters);
    return { report: { status: 'ok', changed, data, error: null }, state };
  } catch (error) {
    if (!(error instanceof ActionFailed)) throw error;
    const failure: ReportError = { code: error.code, message: error.message, native: error.native };
    return { report: { status: 'failed', changed: false, data: null, error: failure }, state: error.state };
  }
}

function actionOf({ state }: Machine, command: Command): Action {
  const complaint = complaintAbout(command);
  if (complaint !== null) throw new ActionFailed('bad-argument', complaint);
  const name = actionNameOf(command);
  if (name === null) throw new ActionFailed('bad-argument', `there is no action ${command.action}`);
  if (state.os.kind === 'dc' && !name.startsWith('General.')) {
    throw new ActionFailed('domain-controller', 'a domain controller has no local accounts or groups');
  }
  if (changesDevice(name) && Number.parseFloat(state.powershell) < 5.1) {
    throw new ActionFailed('unexpected', `Windows PowerShell 5.1 is needed, this is ${state.powershell}`);
  }
  return actions[name];
}

/** Left out on demand, but for whose report it is where something changed. */
function commandMeta(machine: Machine, signature: Signature, command: Command): ReportMeta | null {
  const name = actionNameOf(command);
  const full = metaOf(machine, signature, name);
  if (!command.parameters.NoMeta) return full;
  if (name === null || !changesDevice(name)) return null;
  return { ...full, script: null, domain: null, action: null, ms: null };
}

function metaOf(machine: Machine, signature: Signature, action: ActionName | null): ReportMeta {
  const { computer, domain, ms } = signature;
  return { script: scriptVersion, computer, sid: machine.machineSid, domain, action, ms };
}

const consoleWidth = 80;

/** Neither Base64 nor the parser is to be had, and the console wraps what `Write-Output` writes. */
function constrainedReport(): string[] {
  const message = 'PowerShell runs in Constrained Language Mode here: sign the scripts, or allow them by policy.';
  const error: ReportError = { code: 'constrained-language', message, native: null };
  const report: Report = { n: 1, of: 1, meta: null, status: 'failed', changed: false, data: null, error };
  const text = encodeReport(report, 'json');
  return text.match(new RegExp(`.{1,${consoleWidth}}`, 'g')) ?? [];
}
