import { describe, expect, it } from 'vitest';
import { desiredOf, document, error, expectFine, expectTold, provider, read, warning } from './repository.ts';

function at(url: string, more = ''): string {
  return document('EdrProvider', `apiBaseUrl: ${url}\napiKey: { env: T }\n${more}`);
}

describe('#83 the address of the API', () => {
  it('is scheme and host, and nothing else', async () => {
    const refused: [string, string][] = [
      ['https://acme-api.cloud.tanium.com/api/v2', 'has a path; write https://acme-api.cloud.tanium.com'],
      ['https://acme-api.cloud.tanium.com/', 'ends with a slash'],
      ['https://acme-api.cloud.tanium.com?x=1', 'has a query'],
      ['https://acme-api.cloud.tanium.com#x', 'has a fragment'],
      ['https://me@acme-api.cloud.tanium.com', 'holds a user name'],
      ['ftp://acme', 'begins with ftp://'],
      ['acme-api.cloud.tanium.com', 'is no URL'],
      ['https:acme-api.cloud.tanium.com', 'is no URL'],
      ['"https://acme api"', 'is no URL'],
    ];
    for (const [url, says] of refused) await expectTold(at(`▸${url}`), error('TRUEUP_URL', says));
  });

  it('is https, but for this machine', async () => {
    for (const url of ['http://acme-api.cloud.tanium.com', 'http://10.0.0.1:8443', 'http://127.0.0.1.evil.example']) {
      await expectTold(at(`▸${url}`), error('TRUEUP_URL_INSECURE', 'over plain http'));
    }
    for (const url of [
      'http://127.0.0.1:4000',
      'http://localhost:1',
      '"http://[::1]:80"',
      'https://acme-api.cloud.tanium.com',
    ]) {
      await expectFine(at(url));
    }
  });

  it('is no placeholder, and that of the console comes with a warning', async () => {
    await expectTold(at('▸https://your-instance.cloud.tanium.com'), error('TRUEUP_URL_PLACEHOLDER', 'your-instance'));
    await expectTold(
      at('▸https://acme.cloud.tanium.com'),
      warning('TRUEUP_URL_NOT_API', 'https://acme-api.cloud.tanium.com'),
    );
    await expectFine(at('https://tanium.corp.example'));
  });
});

describe('#82 a proxy', () => {
  it('is scheme, host and port; user and password have fields of their own', async () => {
    await expectFine(provider('proxy: { url: "http://proxy:3128", username: svc, password: { file: p } }'));
    await expectTold(
      [
        provider('proxy: { url: ▸"http://svc@proxy:3128" }', 'a'),
        provider('proxy: { url: ▸"socks5://proxy:1080" }', 'b'),
        provider('proxy: { url: ▸"proxy:3128" }', 'c'),
      ].join('---\n'),
      error('TRUEUP_URL', 'holds a user name'),
      error('TRUEUP_URL', 'begins with socks5://'),
      error('TRUEUP_URL', 'is no URL'),
    );
  });
});

describe('#73 the end of the token', () => {
  it('is told 14 days before', async () => {
    await expectFine(provider('apiKeyExpires: 2026-03-16'));
    await expectTold(provider('apiKeyExpires: ▸2026-03-15'), warning('TRUEUP_EXPIRES_SOON', 'expires in 13 days'));
    await expectTold(
      provider('apiKeyExpires: ▸"2026-03-02T12:00:00Z"'),
      warning('TRUEUP_EXPIRES_SOON', 'expires within a day'),
    );
    await expectTold(
      provider('apiKeyExpires: ▸2026-03-01'),
      warning('TRUEUP_EXPIRES_SOON', 'has expired (2026-03-01)'),
    );
  });
});

describe('recommended ranges', () => {
  const outside = (policy: string, mark: string): string =>
    provider(`${policy}
options:
  sensor_max_age_seconds: ${mark}1801
  action_timeout_seconds: ${mark}3601
  bulk_scan_batch_size: ${mark}49
  action_check_interval_seconds: ${mark}6
  bulk_scan_timeout_seconds: 7200`);

  it('#89 #93 #94 #97 #104 to #108 are told with what one trades for what', async () => {
    await expectTold(
      outside('recommendedRanges: warn', '▸'),
      warning(
        'TRUEUP_RANGE',
        '1801 is outside the recommended range of 300 to 1800 s. It is freshness against API load',
      ),
      warning('TRUEUP_RANGE', '600 to 3600 s. It is reliability against speed'),
      warning('TRUEUP_RANGE', '50 to 500. It is memory against efficiency'),
      warning('TRUEUP_RANGE', '1 to 5 s. It is responsiveness against API calls'),
    );
  });

  it('are errors, or nothing, where the provider says so', async () => {
    const { errors } = await read({ 'a.yaml': outside('recommendedRanges: error', '') });
    expect(errors.map(({ code }) => code)).toEqual(['TRUEUP_RANGE', 'TRUEUP_RANGE', 'TRUEUP_RANGE', 'TRUEUP_RANGE']);
    await expectFine(outside('recommendedRanges: ignore', ''));
  });

  it('hold their ends', async () => {
    for (const options of [
      'sensor_max_age_seconds: 1800, bulk_scan_batch_size: 50, action_check_interval_seconds: 5, action_timeout_seconds: 3600',
      'sensor_max_age_seconds: 600, bulk_scan_batch_size: 500, action_check_interval_seconds: 1, action_timeout_seconds: 780',
    ]) {
      await expectFine(provider(`options: { ${options} }`));
    }
  });

  it('#43 leave out what Tanium advises: a sensor age of 600 s at least', async () => {
    for (const age of [300, 599]) {
      await expectTold(
        provider(`options: { sensor_max_age_seconds: ▸${age} }`),
        warning('TRUEUP_RANGE', 'below the 600 s'),
      );
    }
  });
});

describe('time limits', () => {
  it('#61 leave the package its time to load and to run', async () => {
    await expectTold(
      provider('options: { action_timeout_seconds: ▸779 }'),
      warning('TRUEUP_TIMEOUTS', 'less than the 780 s that the package may take'),
    );
    await expectTold(
      {
        'a.yaml': provider('options: { action_timeout_seconds: ▸1000 }'),
        'b.yaml': document('TaniumContent', 'package: { commandTimeout: 7m }'),
      },
      warning('TRUEUP_TIMEOUTS', '1020 s'),
    );
  });

  it('#98 of a bulk scan are not below those of an action', async () => {
    await expectTold(
      provider('options: { action_timeout_seconds: 1200, bulk_scan_timeout_seconds: ▸1199 }'),
      error('TRUEUP_TIMEOUTS', 'bulk_scan_timeout_seconds 1199 is less than action_timeout_seconds 1200'),
    );
    await expectTold(
      provider('options: { bulk_scan_timeout_seconds: ▸1000 }'),
      warning('TRUEUP_TIMEOUTS', 'action_timeout_seconds, 1200 by default'),
    );
    await expectFine(provider('options: { action_timeout_seconds: 1200, bulk_scan_timeout_seconds: 1200 }'));
  });
});

describe('TaniumContent', () => {
  const command =
    'cmd.exe /d /c powershell.exe -ExecutionPolicy Bypass -WindowStyle Hidden -NonInteractive -NoProfile -File expand_params.ps1';

  it('#38 #56 has the names of the options, letter by letter', async () => {
    await expectTold(
      {
        'a.yaml': document(
          'TaniumContent',
          'sensor: { name: ▸nps admin members, maxAge: ▸5m }\npackage: { name: ▸Other }',
        ),
        'b.yaml': provider(
          'options: { sensor_name: NPS Admin Members, package_name: NPSD Management, sensor_max_age_seconds: 600 }',
        ),
      },
      error('TRUEUP_CONTENT_MISMATCH', 'Upper and lower case differ.'),
      warning('TRUEUP_CONTENT_MISMATCH', 'maxAge is 300 s here and 600 s in options.sensor_max_age_seconds (b.yaml:7)'),
      error('TRUEUP_CONTENT_MISMATCH', '"NPSD Management" in options.package_name (b.yaml:7)'),
    );
  });

  it('#58 has each flag of the command, and the message names the one that it lacks', async () => {
    await expectFine(document('TaniumContent', `package: { command: '${command} $0' }`));
    await expectTold(
      document('TaniumContent', `package: { command: ▸'${command.replace(' -NoProfile', '')} $0' }`),
      error('TRUEUP_PACKAGE_COMMAND', 'The command lacks -NoProfile.'),
    );
    await expectTold(
      document('TaniumContent', `package: { command: ▸'${command} %1' }`),
      error('TRUEUP_PACKAGE_COMMAND', '$0 or $1'),
    );
  });

  it('#66 #67 takes the parameter that the offset says', async () => {
    await expectTold(
      {
        'a.yaml': document('TaniumContent', `package: { command: ▸'${command} $1' }`),
        'b.yaml': provider('options: { package_param_offset: 0 }'),
      },
      error('TRUEUP_PACKAGE_COMMAND', 'The command takes $1, and options.package_param_offset is 0 (b.yaml:7)'),
    );
  });

  it('#44 #45 keeps strings long enough, or for ever', async () => {
    await expectTold(
      document('TaniumContent', 'sensor: { maxStringAge: ▸3600, maxStrings: ▸100 }'),
      warning('TRUEUP_RANGE', 'maxStringAge 3600 is less than 86400'),
      warning('TRUEUP_RANGE', 'maxStrings 100 is less than 10000'),
    );
    await expectFine(document('TaniumContent', 'sensor: { maxStringAge: Disabled, maxStrings: 20000 }'));
  });
});

describe('names of documents', () => {
  it('stand once in each kind', async () => {
    const account = 'selector: { name: A }\nname: a';
    await expectTold(
      {
        'a.yaml': `${document('LocalAccount', account)}---\n${document('Exclusion', 'selector: {}\nuntil: 2027-01-01\nreason: x')}`,
        'b.yaml': document('LocalAccount', 'selector: { name: B }\nname: b').replace('{ name: x }', '{ name: ▸x }'),
      },
      error('TRUEUP_DOCUMENT_TWICE', 'LocalAccount "x" is declared at a.yaml:1 already.'),
    );
  });

  it('#80 of providers are those that NPS-D knows them by', async () => {
    await expectTold(
      [provider('name: Tanium', 'a'), provider('name: ▸Tanium', 'b'), provider('', '▸Tanium')].join('---\n'),
      error('TRUEUP_PROVIDER_TWICE', 'The provider at a.yaml:1 has the name "Tanium" too.'),
      error('TRUEUP_PROVIDER_TWICE'),
    );
  });

  it('may be those of several providers', async () => {
    const { providers } = await desiredOf({ 'a.yaml': provider(), 'b.yaml': provider('', 'Other') });
    expect(providers.map(({ name }) => name)).toEqual(['Production Tanium', 'Other']);
  });
});

describe('a repository', () => {
  it('has one Rollout', async () => {
    await expectTold(
      {
        'a.yaml': document('Rollout', 'minObserved: 50'),
        'b.yaml': `# second\n▸${document('Rollout', 'minObserved: 50', 'y')}`,
      },
      error('TRUEUP_ROLLOUT_TWICE', 'There is a Rollout at a.yaml:1 already'),
    );
  });

  it('without a provider comes with a warning', async () => {
    const { warnings, desired } = await read({ 'a.yaml': document('LocalAccount', 'selector: {}\nname: a') });
    expect(warnings).toMatchObject([{ code: 'TRUEUP_PROVIDER_NONE', file: 'a.yaml', line: 1, column: 1 }]);
    expect(desired).not.toBeNull();
  });

  it('#113 binds computers to a provider that it declares', async () => {
    const policy = (name: string): string => document('ComputerPolicy', `selector: {}\nedrIntegration: ▸${name}`);
    await expectTold(
      { 'a.yaml': policy('production tanium'), 'b.yaml': provider() },
      error('TRUEUP_PROVIDER_UNKNOWN', 'Did you mean "Production Tanium"?'),
    );
    await expectTold(
      { 'a.yaml': policy('tanium_cloud'), 'b.yaml': provider('name: Tanium Two') },
      error('TRUEUP_PROVIDER_UNKNOWN', 'Declared: "Tanium Two".'),
    );
    await expectFine({ 'a.yaml': policy('Tanium Two').replace('▸', ''), 'b.yaml': provider('name: Tanium Two') });
  });

  it('#113 blames no computer for a provider that cannot be read', async () => {
    const policy = document('ComputerPolicy', 'selector: {}\nedrIntegration: Production Tanium');
    const broken = 'kind: EdrProvider\nmetadata: {}\n';
    const { errors } = await read({ 'a.yaml': policy, 'b.yaml': broken });
    expect(errors.map(({ file }) => file)).toEqual(['b.yaml', 'b.yaml', 'b.yaml']);
  });

  it('#81 warns where computers are bound to a provider that is off', async () => {
    const policy = document('ComputerPolicy', 'selector: {}\nedrIntegration: ▸Production Tanium');
    for (const off of ['enable: false', 'releaseToggle: { enabled: false }']) {
      await expectTold(
        { 'a.yaml': policy, 'b.yaml': provider(off) },
        warning('TRUEUP_PROVIDER_DISABLED', 'declared off (b.yaml:1): no scans and no actions are planned'),
      );
    }
  });
});
