/** Every check that needs no live system (npsd-domain.md 4.10), over all documents at once. */
import type { Kind } from '../../model/desired.ts';
import { ofKind, type ValidDocument } from '../document.ts';
import { knownSidsOf, pairsIn } from '../principals.ts';
import { checkAccount } from './accounts.ts';
import { checkBaseline } from './baseline.ts';
import { checkContent, packageSecondsOf } from './content.ts';
import { checkContradictions } from './contradictions.ts';
import { checkMembers, checkPairs } from './members.ts';
import { checkProtect } from './protect.ts';
import { checkProvider } from './provider.ts';
import { checkRepository } from './repository.ts';
import { checkRotation } from './rotation.ts';
import { checkExclusion, checkGrant, checkRollout } from './schedule.ts';
import type { Told } from './told.ts';

/** `unread`: kinds of which a document is too much at fault to be read. `now`: ISO time. */
export function check(documents: readonly ValidDocument[], unread: ReadonlySet<Kind>, now: string): Told {
  const told: Told = { errors: [], warnings: [] };
  const nowMs = Date.parse(now);
  const pairs = pairsIn(documents);
  const known = knownSidsOf(pairs);
  const providers = ofKind(documents, 'EdrProvider');
  const contents = ofKind(documents, 'TaniumContent');
  const packageSeconds = packageSecondsOf(contents);

  for (const document of documents) {
    switch (document.kind) {
      case 'EdrProvider':
        checkProvider(document, nowMs, packageSeconds, told);
        break;
      case 'TaniumContent':
        checkContent(document, providers, told);
        break;
      case 'LocalGroupMembership':
        checkMembers(document, known, nowMs, told);
        break;
      case 'LocalAccount':
        checkAccount(document, told);
        break;
      case 'PasswordRotationPolicy':
        checkRotation(document, told);
        break;
      case 'ComplianceBaseline':
        checkBaseline(document, told);
        break;
      case 'AccessGrant':
        checkGrant(document, nowMs, told);
        break;
      case 'Rollout':
        checkRollout(document, nowMs, told);
        break;
      case 'Exclusion':
        checkExclusion(document, nowMs, told);
        break;
      case 'ComputerPolicy':
        break;
    }
  }
  checkRepository(documents, unread, told);
  checkPairs(pairs, known, told);
  checkContradictions(documents, known, told);
  checkProtect(documents, told);
  return told;
}
