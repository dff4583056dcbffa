import { afterAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { LocalServer } from '../testing-support/local-server.js';
import { guardedAgent, isPublicAddress } from './address-guard.js';

describe('isPublicAddress', () => {
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '127.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '169.254.170.2',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:a9fe:a9fe',
    '::ffff:0:127.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '100::1',
    'localhost',
    'metadata.google.internal',
    '',
    '1.2.3.4.5',
    'http://8.8.8.8',
  ])('refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['8.8.8.8', '1.1.1.1', '52.216.0.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])(
    'allows %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('guardedAgent', () => {
  const agent = guardedAgent();
  afterAll(() => agent.destroy());

  it.each(['localhost', 'localhost.'])(
    'does not connect to %s: it is the address that counts, not the name',
    async (name) => {
      const server = await LocalServer.start();
      const url = server.url.replace('127.0.0.1', name);
      await expect(request(url, { dispatcher: agent })).rejects.toMatchObject({
        code: expect.stringMatching(/^(EREFUSED|ENOTFOUND)$/),
      });
      expect(server.heard).toEqual([]);
      await server.stop();
    },
  );
});
