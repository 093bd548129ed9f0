/** What the script prints in a sensor: the bare text, or one line that says why there is none. */
import { inventoryText } from '../../endpoint/inventory.ts';
import { asciiJson } from '../../endpoint/json.ts';
import { postureOf, postureText } from '../../endpoint/posture.ts';
import { BUILTIN_ADMINISTRATOR_RID } from '../../model/sid.ts';
import { ActionFailed, canSeam, demandSeam } from './action.ts';
import { marksOf } from './journal.ts';
import { type MachineState, userWithRid } from './state.ts';
import { cimRows } from './usage.ts';

export function sensorText(state: MachineState, textOf: (state: MachineState) => string): string {
  try {
    return textOf(state);
  } catch (error) {
    if (!(error instanceof ActionFailed)) throw error;
    const { code, message, native } = error;
    return asciiJson({ v: 1, error: { code, message, ...(native !== null && { native }) } });
  }
}

export function inventoryOf(state: MachineState): string {
  demandSeam(state, ...(state.os.kind === 'dc' ? [] : ['Get-SamUser', 'Get-SamGroup', 'Get-SamMember']));
  return inventoryText({ ...state, rotations: marksOf(state) });
}

/** What may not be read is left out: unknown is not the default. */
export function postureOfMachine(state: MachineState): string {
  const { os, powershell, laps, policy, registry, cim } = state;
  const isDc = os.kind === 'dc';
  const canRead = canSeam(state, 'Get-RegistryValue');
  const canList = canSeam(state, 'Get-SamUser');
  // LAPS names its account, unless it is RID 500; then that one is looked for.
  const knowsLaps = canRead && (canList || laps.mode === 'none' || laps.rid === BUILTIN_ADMINISTRATOR_RID);
  const enabled = (rid: number): boolean | undefined => (canList ? userWithRid(state, rid)?.enabled : undefined);
  const [on500, on501] = [enabled(500), enabled(501)];
  const rows = Object.entries(cim).flatMap(([name]) => {
    try {
      return [[name, cimRows(state, name)] as const];
    } catch {
      return [];
    }
  });
  return postureText(
    postureOf({
      kind: os.kind,
      device: {
        build: os.build,
        powershell,
        ...(!isDc && knowsLaps && { laps: laps.mode }),
        ...(on500 !== undefined && { on500 }),
        ...(on501 !== undefined && { on501 }),
      },
      policy: isDc || !canSeam(state, 'Get-SamPolicy') ? {} : policy,
      registry: canRead ? registry : null,
      cim: Object.fromEntries(rows),
    }),
  );
}
