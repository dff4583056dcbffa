import { describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../contract/fault.js';
import { resolveAddress } from './provider-address.js';

const BASE = 'https://api.ats.example/v1';

describe('resolveAddress', () => {
  it.each([
    ['/jobs', 'https://api.ats.example/v1/jobs'],
    ['jobs', 'https://api.ats.example/v1/jobs'],
    ['/jobs?page=2', 'https://api.ats.example/v1/jobs?page=2'],
    ['https://api.ats.example/v1/jobs?cursor=x', 'https://api.ats.example/v1/jobs?cursor=x'],
    ['https://api.ats.example:443/v1/jobs', 'https://api.ats.example/v1/jobs'],
    ['HTTPS://API.ATS.EXAMPLE/v1/jobs', 'https://api.ats.example/v1/jobs'],
  ])('reads %s as an address of the API', (path, address) => {
    expect(resolveAddress(BASE, { path }).href).toBe(address);
  });

  it('takes a base without a path, and one that ends in a slash', () => {
    expect(resolveAddress('https://api.ats.example', { path: '/jobs' }).href).toBe('https://api.ats.example/jobs');
    expect(resolveAddress(`${BASE}/`, { path: '/jobs' }).href).toBe('https://api.ats.example/v1/jobs');
  });

  it.each([
    ['another host', 'https://attacker.example/v1/jobs?page=2'],
    ['another host that begins like ours', 'https://api.ats.example.attacker.example/v1/jobs'],
    ['another scheme', 'http://api.ats.example/v1/jobs'],
    ['another port', 'https://api.ats.example:8443/v1/jobs'],
    ['a protocol-relative address', '//attacker.example/v1/jobs'],
    ['a user name before the host', 'https://api.ats.example@attacker.example/v1/jobs'],
    ['a user name at our host', 'https://someone@api.ats.example/v1/jobs'],
    ['a password at our host', 'https://:secret@api.ats.example/v1/jobs'],
    ['another path of our host', 'https://api.ats.example/v2/jobs'],
    ['a path that only begins like ours', 'https://api.ats.example/v1beta/jobs'],
    ['a path that climbs out', '/../admin'],
    ['a path that climbs out half hidden', '/jobs/%2e%2e/%2e%2e/admin'],
    ['backslashes for slashes', String.raw`https:\\attacker.example\v1\jobs`],
    ['a data address', 'data:application/json,[]'],
    ['a file address', 'file:///etc/passwd'],
    ['a script address', 'javascript:alert(1)'],
  ])('refuses %s before any credentials travel', (_, path) => {
    const refused = (): URL => resolveAddress(BASE, { path });
    expect(refused).toThrow(ProviderFault);
    expect(refused).toThrow(expect.objectContaining({ code: 'unexpected-shape' }));
  });

  it('does not let backslashes leave the API: they stay part of the path', () => {
    expect(resolveAddress(BASE, { path: String.raw`\\attacker.example\jobs` }).host).toBe('api.ats.example');
  });

  it('sends a repeated key once for each value and leaves out what is undefined', () => {
    const { search } = resolveAddress(BASE, {
      path: '/jobs',
      query: { expand: ['stage', 'owner'], limit: 100, archived: false, since: undefined },
    });
    expect(search).toBe('?expand=stage&expand=owner&limit=100&archived=false');
  });

  it('encodes an offset that is given decoded exactly once', () => {
    const offset = '["1414778100000","a+b/c=&%25"]';
    const url = resolveAddress(BASE, { path: '/jobs', query: { offset } });
    expect(url.searchParams.get('offset')).toBe(offset);
    expect(url.search).not.toContain('"');
  });

  it('keeps the encoding of a link that the ATS gave', () => {
    const link = `${BASE}/jobs?offset=%5B%22141%22%2C%22a%2Bb%22%5D`;
    expect(resolveAddress(BASE, { path: link }).href).toBe(link);
  });

  it('says where it was sent to without quoting the rest of the address', () => {
    const refused = (): URL => resolveAddress(BASE, { path: 'https://attacker.example/x?email=ann@example.com' });
    expect(refused).toThrow('attacker.example');
    expect(refused).not.toThrow('ann@example.com');
  });
});
