/** Puts faults in the place of those before them. */
import type { Cloud } from '../cloud.ts';
import type { Faults } from '../faults.ts';
import { startPolicies } from '../misfortune.ts';

/** Devices that come back see the questions and actions that are still open. */
export function setFaults(cloud: Cloud, faults: Faults): void {
  cloud.faults = faults;
  for (const device of cloud.fleet.devices) {
    const online = !faults.isOffline(device);
    if (online === device.online) continue;
    device.online = online;
    if (!online) continue;
    cloud.questions.wake(device);
    cloud.actions.wake(device);
  }
  startPolicies(cloud);
}
