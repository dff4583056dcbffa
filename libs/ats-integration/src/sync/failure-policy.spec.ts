import { describe, expect, it } from '@jest/globals';
import { FAULT_CODES, ProviderFault } from '../contract/fault.js';
import type { FaultCode } from '../contract/fault.js';
import { AtsError } from '../support/ats-error.js';
import { MOMENT } from '../testing-support/records.js';
import type { ClaimedRun } from './claimed-run.js';
import { RunLost } from './claimed-run.js';
import { verdictOn } from './failure-policy.js';
import type { Verdict } from './failure-policy.js';

function aRun(changes: Partial<ClaimedRun> = {}): ClaimedRun {
  return {
    id: 'run',
    kind: 'incremental',
    fence: 1,
    attempts: 1,
    windowUntil: MOMENT,
    leaseSeconds: 30,
    connection: {
      id: 'connection',
      workspaceId: 'workspace',
      provider: 'scripted',
      epoch: 1,
      remoteAccountId: null,
      scopes: [],
      settings: {},
    },
    requests: 0,
    pages: 0,
    ...changes,
  };
}

const EXPECTED: Readonly<Record<FaultCode, Verdict['action']>> = {
  'auth-revoked': 'reconnect',
  'forbidden-scope': 'fail',
  'rate-limited': 'retry',
  'cursor-expired': 'retry',
  'not-found': 'fail',
  'invalid-request': 'fail',
  unavailable: 'retry',
  'unexpected-shape': 'retry',
};

const waitOf = (verdict: Verdict): number => (verdict.action === 'retry' ? verdict.afterMs : Number.NaN);

describe('verdictOn', () => {
  it.each(FAULT_CODES)('has an answer to %s', (code) => {
    const verdict = verdictOn(new ProviderFault(code, 'A sentence.'), aRun());
    expect(verdict.action).toBe(EXPECTED[code]);
    if (verdict.action !== 'retry' && verdict.action !== 'let-go') {
      expect(verdict).toMatchObject({ code, message: 'A sentence.' });
    }
  });

  it('lets go of a run that is lost, without a word', () => {
    expect(verdictOn(new RunLost(), aRun())).toEqual({ action: 'let-go' });
  });

  it('suspends what the plan does not cover', () => {
    const error = new AtsError('over-plan-limit', 'Upgrade.');
    expect(verdictOn(error, aRun())).toEqual({ action: 'suspend', code: 'over-plan-limit', message: 'Upgrade.' });
  });

  it.each([new Error('deadlock detected with ann@example.com'), 'a thrown string', undefined])(
    'tries again after an error inside Elly and never quotes it',
    (error) => {
      expect(verdictOn(error, aRun()).action).toBe('retry');
      const verdict = verdictOn(error, aRun({ attempts: 6 }));
      expect(verdict).toMatchObject({ action: 'fail', code: 'internal' });
      expect(JSON.stringify(verdict)).not.toMatch(/ann@example|thrown string/);
    },
  );

  it.each([
    ['unavailable', 6],
    ['rate-limited', 6],
    ['cursor-expired', 6],
    ['unexpected-shape', 3],
  ] as const)('gives %s up after %d attempts in a row that brought no page', (code, most) => {
    const fault = new ProviderFault(code, 'A sentence.');
    expect(verdictOn(fault, aRun({ attempts: most - 1 })).action).toBe('retry');
    expect(verdictOn(fault, aRun({ attempts: most }))).toEqual({ action: 'fail', code, message: 'A sentence.' });
    expect(verdictOn(fault, aRun({ attempts: most, pages: 1 })).action).toBe('retry');
  });

  it('waits longer after every attempt, never longer than 18 minutes of its own accord', () => {
    const waits = [1, 2, 3, 4, 5].map((attempts) =>
      waitOf(verdictOn(new ProviderFault('unavailable', 'x'), aRun({ attempts }))),
    );
    expect(waits).toEqual([...waits].sort((left, right) => left - right));
    expect(waits[0]).toBeGreaterThanOrEqual(4_000);
    expect(waits.at(-1)).toBeLessThanOrEqual(18 * 60_000);
  });

  it('waits as long as the ATS asked for', () => {
    const fault = new ProviderFault('rate-limited', 'x', { retryAfterMs: 86_400_000 });
    expect(waitOf(verdictOn(fault, aRun()))).toBe(86_400_000);
  });

  it('waits a while even when the ATS says that it need not', () => {
    const fault = new ProviderFault('rate-limited', 'x', { retryAfterMs: 0 });
    expect(waitOf(verdictOn(fault, aRun()))).toBeGreaterThanOrEqual(4_000);
  });
});
