import { lookup as dnsLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent } from 'undici';

/** Whether an address is on the open internet: not loopback, private, link-local, carrier-grade NAT, mapped or reserved. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` unwraps IPv4 in IPv6 (`::ffff:10.0.0.1`), behind which a private address hides.
  return ipaddr.process(address).range() === 'unicast';
}

/**
 * Resolves names and refuses those that lead into our own network. It sits in the socket, so it checks the very address
 * that is connected to: a name that answers differently the second time gains nothing.
 */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    const found = addresses ?? [];
    if (error !== null) return callback(error, '', 4);
    const refused = found.find(({ address }) => !isPublicAddress(address));
    if (refused !== undefined || found.length === 0) {
      return callback(
        Object.assign(new Error(`${hostname} leads to an address that may not be asked`), { code: 'EREFUSED' }),
        '',
        4,
      );
    }
    if (options.all === true) return callback(null, found);
    const [first] = found;
    return callback(null, first?.address ?? '', first?.family ?? 4);
  });
};

/** For addresses that come from outside, such as links to files. */
export function guardedAgent(): Agent {
  return new Agent({
    connections: 8,
    connect: { lookup: guardedLookup, timeout: 10_000 },
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
  });
}
