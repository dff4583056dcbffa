import { describe, expect, it } from '@jest/globals';
import { faultOf, noAnswer, readRetryAfter, unreadableBody } from './default-fault.js';
import type { FaultCode } from './fault.js';
import { ProviderFault } from './fault.js';

const now = new Date('2026-11-23T10:00:00Z');
const failed = (status: number, headers: Record<string, string> = {}, body?: unknown) => ({
  ats: 'Sample ATS',
  status,
  headers,
  body,
  request: 'GET /jobs',
  now,
});

describe('the usual reading of a status', () => {
  const table: readonly (readonly [number, FaultCode])[] = [
    [200, 'unexpected-shape'],
    [301, 'invalid-request'],
    [400, 'invalid-request'],
    [401, 'auth-revoked'],
    [403, 'forbidden-scope'],
    [404, 'not-found'],
    [408, 'unavailable'],
    [409, 'invalid-request'],
    [410, 'cursor-expired'],
    [418, 'invalid-request'],
    [422, 'invalid-request'],
    [425, 'unavailable'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
    [599, 'unavailable'],
  ];
  it.each(table)('reads %i as %s', (status, code) => {
    const fault = faultOf(failed(status));
    expect(fault.code).toBe(code);
    expect(fault).toMatchObject({ status, request: 'GET /jobs' });
    expect(fault.message).toContain('Sample ATS');
  });

  it('never quotes the body, which may echo a client id or a person', () => {
    const fault = faultOf(failed(422, {}, { message: 'ines@example.test is taken by client_id=abc' }));
    expect(fault.message).not.toMatch(/ines|abc/);
  });
});

describe('a provider that reads a response itself', () => {
  it('wins over the usual reading and keeps status, request and waiting time', () => {
    const classify = () => new ProviderFault('cursor-expired', 'The list starts again.');
    const fault = faultOf(failed(422, { 'retry-after': '3' }), classify);
    expect(fault).toMatchObject({
      code: 'cursor-expired',
      message: 'The list starts again.',
      status: 422,
      request: 'GET /jobs',
      retryAfterMs: 3000,
    });
  });

  it('leaves the usual reading with null', () => {
    expect(faultOf(failed(403), () => null).code).toBe('forbidden-scope');
  });
});

describe('Retry-After', () => {
  it('is read as seconds, as a date, and as nothing when it is neither', () => {
    expect(readRetryAfter('7', now)).toBe(7000);
    expect(readRetryAfter('0', now)).toBe(0);
    expect(readRetryAfter('Mon, 23 Nov 2026 10:00:09 GMT', now)).toBe(9000);
    expect(readRetryAfter('Mon, 23 Nov 2026 09:00:00 GMT', now)).toBe(0);
    expect(readRetryAfter('soon', now)).toBeUndefined();
    expect(readRetryAfter('-5', now)).toBeUndefined();
    expect(readRetryAfter(undefined, now)).toBeUndefined();
  });

  it('is absent from a fault when the ATS does not say it', () => {
    expect(faultOf(failed(429)).retryAfterMs).toBeUndefined();
  });
});

it('reads silence as unavailable and a page of HTML as an unexpected shape', () => {
  expect(noAnswer('Sample ATS', 'GET /jobs', new Error('reset'))).toMatchObject({
    code: 'unavailable',
    request: 'GET /jobs',
  });
  expect(unreadableBody('Sample ATS', 'GET /jobs', 200)).toMatchObject({ code: 'unexpected-shape', status: 200 });
});
