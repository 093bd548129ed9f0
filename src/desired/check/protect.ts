/**
 * Only Protect may change a device (#4–#13). Where it is certain that every device of a policy has Protect Disabled,
 * the policy is an error; where it is not, the planner's guard `protect-disabled` decides device by device.
 */
import { type DocumentOf, ofKind, problemIn, spot, type ValidDocument } from '../document.ts';
import { covers, mayOverlap, type Region, regionOf } from '../overlap.ts';
import type { Told } from './told.ts';

type Computers = DocumentOf<'ComputerPolicy'>;

interface Stance {
  readonly document: Computers;
  readonly region: Region;
}

export function checkProtect(documents: readonly ValidDocument[], { errors }: Told): void {
  const computers = ofKind(documents, 'ComputerPolicy').map((document) => ({
    document,
    region: regionOf(document.value.spec.selector),
  }));
  // Of a policy that cannot be read whole, nothing is certain.
  if (computers.some(({ document }) => !document.sound)) return;
  const changing = [
    ...ofKind(documents, 'LocalGroupMembership').filter(changesAnything),
    ...ofKind(documents, 'LocalAccount'),
    ...ofKind(documents, 'PasswordRotationPolicy'),
  ];
  for (const document of changing) {
    if (!document.sound) continue;
    const { spec } = document.value;
    const off = certainlyDisabled(regionOf(spec.selector), computers);
    if (off === null) continue;
    const place = spot(off.file, off.places.value(off.value.spec, 'protect'));
    const message = `Every device that this selects has protect: Disabled (${place}), and only Protect may change a device.`;
    errors.push(problemIn(document, 'TRUEUP_PROTECT_DISABLED', spec, 'selector', message));
  }
}

/** Who may be a member for a time is never added, and without exact never removed. */
function changesAnything({ value: { spec } }: DocumentOf<'LocalGroupMembership'>): boolean {
  return spec.mode === 'exact' || spec.members.some((member) => member.access !== 'jita');
}

/** The policy that disables Protect on all of the region, unless another may have a say in it, or nothing is enforced. */
function certainlyDisabled(region: Region, computers: readonly Stance[]): Computers | null {
  const touching = computers.filter((one) => mayOverlap(one.region, region));
  const observes = touching.some(({ document }) => (document.value.spec.enforcement ?? 'enforce') !== 'enforce');
  if (observes) return null;
  const disabling = touching.filter(
    ({ document, region: own }) => document.value.spec.protect === 'Disabled' && covers(own, region),
  );
  const strongest = disabling.toSorted((a, b) => priorityOf(b.document) - priorityOf(a.document))[0];
  if (strongest === undefined) return null;
  const isContested = touching.some(({ document }) => {
    const { protect } = document.value.spec;
    return protect !== undefined && protect !== 'Disabled' && priorityOf(document) >= priorityOf(strongest.document);
  });
  return isContested ? null : strongest.document;
}

function priorityOf({ value }: Computers): number {
  return value.spec.priority ?? 0;
}
