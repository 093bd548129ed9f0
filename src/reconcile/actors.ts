/** Who is recorded to have made a difference, counted over the devices that have it. */
import { subjectKey } from '../model/drift.ts';
import type { PlannedActor, PlannedChange } from '../model/plan.ts';
import type { Recorded } from '../model/recorded.ts';
import { compareText } from '../model/sid.ts';
import type { Members } from './members.ts';

export interface FoundActors {
  /** Devices by actor; null: nobody knows. */
  readonly devices: Map<string | null, number>;
  /** Somebody wants to know, or knows already. */
  matters: boolean;
}

export function noActors(): FoundActors {
  return { devices: new Map(), matters: false };
}

/** Adds those of one class of devices. */
export function findActors(
  found: FoundActors,
  recorded: Recorded['actors'],
  { kind, subject }: Pick<PlannedChange, 'kind' | 'subject'>,
  members: Members,
  isWanted: boolean,
): void {
  const key = subjectKey(kind, subject);
  if (isWanted) found.matters = true;
  if (recorded.size === 0) {
    found.devices.set(null, (found.devices.get(null) ?? 0) + members.count);
    return;
  }
  for (const { computerId } of members.devices) {
    const actor = recorded.get(computerId)?.get(key) ?? null;
    if (actor !== null) found.matters = true;
    found.devices.set(actor, (found.devices.get(actor) ?? 0) + 1);
  }
}

export function actorsIn({ devices, matters }: FoundActors): Pick<PlannedChange, 'actors'> {
  if (!matters) return {};
  const actors = [...devices].map(([actor, count]): PlannedActor => ({ actor, devices: count }));
  return { actors: actors.toSorted(compareActors) };
}

function compareActors(a: PlannedActor, b: PlannedActor): number {
  if (a.actor === null || b.actor === null) return a.actor === null ? 1 : -1;
  return b.devices - a.devices || compareText(a.actor, b.actor);
}
