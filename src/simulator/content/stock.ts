/** The content that the seed has an administrator make (Part A of the document), unless the simulator starts bare. */
import { readFileSync } from 'node:fs';
import type { Wire } from '../http/fields.ts';

/**
 * The files of the package, as they are shipped; `powershell/` lies beside `src/` and beside `dist/`. Without
 * `--powershell` the devices run the endpoint contract themselves, whatever text stands here.
 */
export const stockFiles: readonly { readonly name: string; readonly text: string }[] = [
  'expand_params.ps1',
  'secureone_management.ps1',
].map((name) => ({ name, text: readFileSync(new URL(`../../../powershell/${name}`, import.meta.url), 'utf8') }));

const managementScript = stockFiles[1]?.text ?? '';

export const managementSensor: Wire = sensorOf(
  'NPS Admin Members',
  'NPS-D Administrator Discovery Sensor',
  600,
  managementScript,
);

/** What the script prints in a sensor is said by its first line (3-endpoint-contract.md). */
export const postureSensor: Wire = sensorOf(
  'NPS Posture',
  'NPS-D Security Posture Sensor',
  86_400,
  managementScript.replace(/^\$DefaultAction = 'Inventory'/, "$DefaultAction = 'Posture'"),
);

function sensorOf(name: string, description: string, maxAgeSeconds: number, script: string): Wire {
  return {
    name,
    description,
    category: 'Security',
    content_set: { id: 2, name: 'Base' },
    value_type: 'String',
    max_age_seconds: maxAgeSeconds,
    max_string_age_minutes: 0,
    max_strings: 0,
    ignore_case_flag: false,
    hidden_flag: false,
    queries: [
      { platform: 'Windows', script, script_type: 'Powershell' },
      { platform: 'Linux', script: 'echo "Not available on Linux"', script_type: 'UnixShell' },
      { platform: 'Mac', script: 'echo "Not available on Mac"', script_type: 'UnixShell' },
    ],
  };
}

export const stockPackage: Wire = {
  name: 'NPSD Management',
  display_name: 'NPS-D Management Package',
  content_set: { id: 2, name: 'Base' },
  command:
    'cmd.exe /d /c powershell.exe -ExecutionPolicy Bypass -WindowStyle Hidden -NonInteractive -NoProfile -File expand_params.ps1 $0',
  command_timeout: 180,
  expire_seconds: 780,
  skip_lock_flag: false,
  process_group_flag: true,
  parameter_definition: JSON.stringify({
    parameterType: 'com.tanium.components.parameters::ParametersArray',
    model: 'com.tanium.components.parameters::ParametersArray',
    parameters: [
      {
        key: '$0',
        label: 'EncodedCommand',
        helpString: '',
        defaultValue: '',
        promptText: '',
        maxChars: 0,
        restrict: null,
        validationExpressions: [],
        value: '',
        parameterType: 'com.tanium.components.parameters::TextInputParameter',
        model: 'com.tanium.components.parameters::TextInputParameter',
      },
    ],
  }),
};

export const stockGroup = { name: 'All Windows Computers', text: 'Operating System contains windows' } as const;
export const stockActionGroup = 'Default - All Computers';
