/** What needs an account: services, tasks, application pools, and people who are logged on. */
import type { CommandParameters } from '../../endpoint/command.ts';
import { compareText } from '../../model/sid.ts';
import { ActionFailed, demandSeam, type Machine, type Outcome, unchanged } from './action.ts';
import { existing } from './find-account.ts';
import type { Row, SamUser } from './state.ts';

export interface AccountUse {
  readonly rid: number;
  readonly services: readonly string[];
  readonly tasks: readonly string[];
  readonly pools: readonly string[];
  readonly sessions: number;
  /** Its profile is loaded. */
  readonly profile: boolean;
}

interface Uses {
  /** False: something could not be asked. */
  readonly complete: boolean;
  readonly accounts: readonly AccountUse[];
}

export function usage(machine: Machine, parameters: CommandParameters): Outcome {
  const one = parameters.UserRID !== undefined || parameters.UserNameB64 !== undefined;
  const { complete, accounts } = usesOf(machine, one ? [existing(machine.state, parameters)] : machine.state.users);
  return unchanged({ complete, accounts: accounts.filter((use) => one || !isIdle(use)) });
}

/** Ordered by RID. `kinds`: how many of them are asked for, the first ones. */
export function usesOf(machine: Machine, users: readonly SamUser[], kinds: number = sources.length): Uses {
  const asked = sources.slice(0, kinds).map((ask) => {
    try {
      return ask(machine);
    } catch (error) {
      if (error instanceof ActionFailed) return null;
      throw error;
    }
  });
  const rows = asked.flatMap((found) => found ?? []);
  const accounts = users.toSorted((a, b) => a.rid - b.rid).map((user) => useOf(machine, user, rows));
  return { complete: asked.every((found) => found !== null), accounts };
}

type Kind = 'services' | 'tasks' | 'pools' | 'sessions' | 'profile';
/** Kind, whose it is in whatever spelling, what it is. */
type Use = readonly [Kind, string, string];

const sources: readonly ((machine: Machine) => readonly Use[])[] = [
  ({ state }) => cimRows(state, 'Win32_Service').map((row) => ['services', text(row['StartName']), text(row['Name'])]),
  ({ state }) => {
    demandSeam(state, 'Get-TaskRow');
    return state.tasks.map(({ Path, UserId }) => ['tasks', UserId, Path]);
  },
  ({ state }) => {
    demandSeam(state, 'Get-PoolRow');
    return state.pools.map(({ Name, User }) => ['pools', User, Name]);
  },
  ({ state }) => {
    const people = new Set(
      cimRows(state, 'Win32_LogonSession')
        .filter(({ LogonType }) => logonsOfPeople.has(Number(LogonType)))
        .map(({ LogonId }) => text(LogonId)),
    );
    return cimRows(state, 'Win32_LoggedOnUser').flatMap(({ Antecedent, Dependent }): Use[] => {
      const [account, session] = [Antecedent as Row, Dependent as Row];
      if (!people.has(text(session['LogonId']))) return [];
      return [['sessions', `${text(account['Domain'])}\\${text(account['Name'])}`, text(session['LogonId'])]];
    });
  },
  ({ state }) =>
    cimRows(state, 'Win32_UserProfile')
      .filter(({ Loaded }) => Loaded === true)
      .map(({ SID }) => ['profile', text(SID), '1']),
];

/** Interactive, remote, and with cached credentials. */
const logonsOfPeople: ReadonlySet<number> = new Set([2, 10, 11]);

/** A class that nobody speaks of has no rows. */
export function cimRows(state: Machine['state'], name: string): readonly Row[] {
  demandSeam(state, 'Get-CimRow');
  const rows = state.cim[name];
  if (rows === null) throw new ActionFailed('timeout', `${name} cannot be read`);
  return rows ?? [];
}

function useOf({ computer, machineSid }: Machine, { rid, name }: SamUser, rows: readonly Use[]): AccountUse {
  const names = new Set([name, `.\\${name}`, `${computer}\\${name}`, `${machineSid}-${rid}`].map(lower));
  const of = (kind: Kind): string[] => [
    ...new Set(rows.filter(([of, whose]) => of === kind && names.has(lower(whose))).map(([, , what]) => what)),
  ];
  return {
    rid,
    services: of('services').toSorted(compareText),
    tasks: of('tasks').toSorted(compareText),
    pools: of('pools').toSorted(compareText),
    sessions: of('sessions').length,
    profile: of('profile').length > 0,
  };
}

function isIdle({ services, tasks, pools, sessions, profile }: AccountUse): boolean {
  return services.length + tasks.length + pools.length + sessions === 0 && !profile;
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

function lower(name: string): string {
  return name.toLowerCase();
}
