import { describe, expect, it } from 'vitest';
import { defaultOptions } from '../../src/model/options.ts';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import { effectiveOptions } from '../../src/reconcile/options.ts';
import { computers, lines, plan, provider, providerRow, recorded } from './world.ts';

describe('the release toggle', () => {
  it('#75 is switched on where it is off', () => {
    const result = plan({ recorded: { toggle: { name: 'tanium_cloud', enabled: false } } });
    expect(result.changes).toMatchObject([
      { id: 'c1', kind: 'toggle.set', subject: { toggle: 'tanium_cloud' }, from: false, to: true, devices: [] },
    ]);
    expect(exitCodeOf(result)).toBe(2);
  });

  it('#76 a missing toggle row is an error with NPS-D, and never an insert', () => {
    expect(() => plan({ recorded: { owner: 'npsd', toggle: null } })).toThrow(
      expect.objectContaining({ code: 'TRUEUP_TOGGLE_MISSING' }),
    );
  });

  it('is off in an embedded store that nobody has written to yet', () => {
    expect(lines(plan({ recorded: { toggle: null } }).changes)).toEqual(['toggle.set tanium_cloud']);
  });

  it('#77 that is on already is no change', () => {
    expect(plan({}).changes).toEqual([]);
    expect(exitCodeOf(plan({}))).toBe(0);
  });

  it('#78 says what turning it off means', () => {
    const [change] = plan({ provider: provider({ toggle: { name: 'tanium_cloud', enabled: false } }) }).changes;
    expect(change?.consequence).toContain('nothing is scanned');
  });
});

describe('the provider row', () => {
  it('is created whole in the embedded store', () => {
    const options = { sensor_name: 'NPS Admin Members', bulk_scan_enabled: false };
    const result = plan({
      provider: provider({ options, proxy: { url: 'http://proxy:8080', username: 'svc', password: { env: 'P' } } }),
      recorded: { providers: [] },
    });
    expect(result.changes).toMatchObject([
      {
        kind: 'provider.create',
        from: null,
        to: {
          enable: true,
          apiBaseUrl: 'https://acme-api.cloud.tanium.com',
          proxyUrl: 'http://proxy:8080',
          proxyUsername: 'svc',
          options,
        },
        reason: 'never-applied',
      },
    ]);
    expect(result.summary.create).toBe(1);
  });

  it('#102 missing with NPS-D is an error', () => {
    expect(() => plan({ recorded: { owner: 'npsd', providers: [] } })).toThrow(
      expect.objectContaining({ code: 'TRUEUP_PROVIDER_MISSING', source: 'Production Tanium.yaml:1' }),
    );
  });

  it.each(['npsd', 'embedded'] as const)('#102 twice is an error (%s)', (owner) => {
    const providers = [providerRow(), providerRow({ id: 'p2', name: null })];
    expect(() => plan({ recorded: { owner, providers } })).toThrow(
      expect.objectContaining({ code: 'TRUEUP_PROVIDER_AMBIGUOUS' }),
    );
  });

  it('#102 of a structure that nobody knows is an error with NPS-D, and nothing is made in it', () => {
    const bare = { name: null, enable: null, apiBaseUrl: null, proxyUrl: null, options: {} };
    expect(() => plan({ recorded: { owner: 'npsd', providers: [providerRow(bare)] } })).toThrow(
      expect.objectContaining({
        code: 'TRUEUP_STORE_INVALID',
        message: expect.stringContaining('none of the paths that are known'),
        source: 'Production Tanium.yaml:1',
      }),
    );
    const named = providerRow({ ...bare, name: 'Production Tanium' });
    expect(() => plan({ recorded: { owner: 'npsd', providers: [named] } })).not.toThrow();
  });

  it('of NPS-D is compared and written at the paths that exist only', () => {
    const row = providerRow({ enable: null, apiBaseUrl: null, proxyUrl: null });
    const wanted = provider({ proxy: { url: 'http://proxy:8080', username: null, password: null } });
    expect(plan({ provider: wanted, recorded: { owner: 'npsd', providers: [row] } }).changes).toEqual([]);
    expect(lines(plan({ provider: wanted, recorded: { providers: [row] } }).changes)).toEqual([
      'provider.set apiBaseUrl',
      'provider.set enable',
      'provider.set proxyUrl',
    ]);
  });

  it('keeps a proxy that nobody declares, and an address that the environment holds', () => {
    const row = providerRow({ proxyUrl: 'http://proxy:8080', apiBaseUrl: 'https://old.example' });
    const wanted = provider({ apiBaseUrl: { env: 'TANIUM_URL' } });
    expect(plan({ provider: wanted, recorded: { providers: [row] } }).changes).toEqual([]);
  });

  it('never shows credentials that somebody wrote into an address', () => {
    const row = providerRow({ proxyUrl: 'http://svc:hunter2@proxy:8080' });
    const wanted = provider({ proxy: { url: 'http://proxy:8080', username: null, password: null } });
    expect(plan({ provider: wanted, recorded: { providers: [row] } }).changes[0]).toMatchObject({
      from: 'http://proxy:8080',
    });
  });
});

describe('options', () => {
  it('#100 are one change each, and a key that nobody declares stays', () => {
    const options = { sensor_max_age_seconds: 900, bulk_scan_batch_size: 50 };
    const row = providerRow({ options: { ...defaultOptions, site_note: 'keep me' } });
    const result = plan({ provider: provider({ options }), recorded: { providers: [row] } });
    expect(result.changes.map(({ kind, subject, from, to }) => [kind, subject['option'], from, to])).toEqual([
      ['option.set', 'bulk_scan_batch_size', 100, 50],
      ['option.set', 'sensor_max_age_seconds', 600, 900],
    ]);
  });

  it('#103 600 and 600.0 are equal, and "600" is not', () => {
    const world = (recordedAge: number | string) => ({
      provider: provider({ options: { sensor_max_age_seconds: 600 } }),
      recorded: { providers: [providerRow({ options: { sensor_max_age_seconds: recordedAge } })] },
    });
    expect(plan(world(600.0)).changes).toEqual([]);
    expect(plan(world('600')).changes).toMatchObject([{ from: '600', to: 600 }]);
  });

  it('exact: take away what nobody declares, without showing what it holds', () => {
    const row = providerRow({ options: { sensor_name: 'X', vendor_secret: 'hunter2', bulk_scan_enabled: true } });
    const wanted = provider({ options: { sensor_name: 'X' }, optionsPolicy: 'exact' });
    const result = plan({ provider: wanted, recorded: { providers: [row] } });
    expect(result.changes.map(({ subject, from, to }) => [subject['option'], from, to])).toEqual([
      ['bulk_scan_enabled', true, null],
      ['vendor_secret', '(not shown)', null],
    ]);
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('#88 #90 #95 #96 #99 that nobody gives are the defaults of NPS-D', () => {
    expect(effectiveOptions(provider({ options: {} }), recorded({ providers: [] }))).toMatchObject({
      sensor_name: 'NPS Admin Members',
      package_name: 'NPSD Management',
      bulk_scan_enabled: false,
      bulk_scan_group: 'All Windows Computers',
      bulk_scan_retry_attempts: 2,
    });
  });

  it('#99 a row without bulk_scan_retry_attempts has not drifted where nobody declares it', () => {
    const { bulk_scan_retry_attempts: _absent, ...options } = defaultOptions;
    const world = { recorded: { providers: [providerRow({ options })] } };
    expect(plan({ provider: provider({ options }), ...world }).changes).toEqual([]);
    expect(lines(plan({ provider: provider({ options: defaultOptions }), ...world }).changes)).toEqual([
      'option.set bulk_scan_retry_attempts',
    ]);
  });

  it('in force are the declared, else the recorded of the right type, else the default', () => {
    const row = providerRow({ options: { sensor_name: 'Recorded', action_timeout_seconds: '900' } });
    const options = effectiveOptions(
      provider({ options: { package_name: 'Declared' } }),
      recorded({ providers: [row] }),
    );
    expect(options).toEqual({ ...defaultOptions, sensor_name: 'Recorded', package_name: 'Declared' });
  });
});

it('provider changes come first, in the order in which they are written', () => {
  const result = plan({
    desired: { computers: [computers({ enroll: true, protect: 'JITA' })] },
    provider: provider({ options: { bulk_scan_batch_size: 50 } }),
    recorded: {
      toggle: { name: 'tanium_cloud', enabled: false },
      providers: [providerRow({ enable: false })],
      computers: [],
    },
    seen: [{ id: '1' }],
  });
  expect(result.changes.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
    'c1 toggle.set',
    'c2 provider.set',
    'c3 option.set',
    'c4 computer.enroll',
  ]);
});
