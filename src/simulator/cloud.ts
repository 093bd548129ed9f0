/** Everything that the simulated Tanium Cloud is made of. Each part reaches the others through here. */
import type { Access } from './access.ts';
import type { Actions } from './actions/actions.ts';
import type { SavedActions } from './actions/saved-actions.ts';
import type { TrackingQuestions } from './actions/tracking.ts';
import type { SimulatorClock } from './clock.ts';
import type { ContentSets } from './content/content-sets.ts';
import type { SensorMemory } from './content/evaluate.ts';
import type { Groups } from './content/groups.ts';
import type { Packages } from './content/packages.ts';
import type { Sensors } from './content/sensors.ts';
import type { Uploads } from './content/uploads.ts';
import type { Draw } from './draw.ts';
import type { Faults } from './faults.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Caches } from './questions/caches.ts';
import type { Questions } from './questions/questions.ts';
import type { SavedQuestions } from './questions/saved-questions.ts';
import type { Settings } from './settings.ts';
import type { Timeline } from './timeline.ts';

export interface Cloud {
  /** Chance, by what is drawn for. */
  readonly draw: (purpose: string) => Draw;
  readonly clock: SimulatorClock;
  readonly timeline: Timeline;
  readonly fleet: Fleet;
  /** What is set by `/_sim/faults`; healed ones are others. */
  faults: Faults;
  readonly settings: Settings;
  readonly access: Access;
  readonly contentSets: ContentSets;
  readonly sensors: Sensors;
  readonly memory: SensorMemory;
  readonly groups: Groups;
  readonly uploads: Uploads;
  readonly packages: Packages;
  readonly questions: Questions;
  readonly savedQuestions: SavedQuestions;
  readonly actions: Actions;
  readonly savedActions: SavedActions;
  readonly tracking: TrackingQuestions;
  readonly caches: Caches;
}
