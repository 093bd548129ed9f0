/** From documents without an error to the desired state that a plan is made from. Pure. */
import type { Desired, NotActedOn } from '../model/desired.ts';
import { compareText } from '../model/sid.ts';
import { compileBaseline, compilePosture } from './compile-baseline.ts';
import { compileContent } from './compile-content.ts';
import { compileAccount, compileComputers, compileExclusion, compileMembership } from './compile-policies.ts';
import { compileProvider } from './compile-provider.ts';
import { compileRollout } from './compile-rollout.ts';
import { compileRotation } from './compile-rotation.ts';
import { digestOf } from './digest.ts';
import { ofKind, refOf, type ValidDocument } from './document.ts';

export function compile(documents: readonly ValidDocument[]): Desired {
  return {
    digest: digestOf(documents.map(({ value }) => value)),
    providers: ofKind(documents, 'EdrProvider').map(compileProvider),
    computers: ofKind(documents, 'ComputerPolicy').map(compileComputers),
    memberships: ofKind(documents, 'LocalGroupMembership').map(compileMembership),
    accounts: ofKind(documents, 'LocalAccount').map(compileAccount),
    rotations: ofKind(documents, 'PasswordRotationPolicy').map(compileRotation),
    exclusions: ofKind(documents, 'Exclusion').map(compileExclusion),
    baselines: ofKind(documents, 'ComplianceBaseline').map(compileBaseline),
    posture: compilePosture(ofKind(documents, 'TaniumContent')),
    content: compileContent(documents),
    rollout: compileRollout(ofKind(documents, 'Rollout')[0] ?? null),
    notActedOn: documents.flatMap(notActedOnIn),
  };
}

/** What `reconcile/` and `apply/` do not look at yet. What is there to be read, as reason and owner, is no such field. */
function notActedOnIn(document: ValidDocument): NotActedOn[] {
  const fields = unheeded(document).toSorted(compareText);
  return fields.length === 0 ? [] : [{ policy: refOf(document), fields }];
}

function unheeded(document: ValidDocument): string[] {
  switch (document.kind) {
    case 'AccessGrant':
      return ['spec'];
    case 'LocalGroupMembership': {
      const { members } = document.value.spec;
      return members.flatMap(({ until }, index) => (until === undefined ? [] : [`spec.members[${index}].until`]));
    }
    case 'Rollout':
    case 'TaniumContent':
    case 'ComputerPolicy':
    case 'EdrProvider':
    case 'LocalAccount':
    case 'PasswordRotationPolicy':
    case 'ComplianceBaseline':
    case 'Exclusion':
      return [];
  }
}
