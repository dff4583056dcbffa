import { connect } from 'node:net';

/** The Redis that the tests use: the one that REDIS_URL names, or this machine's. */
export const REDIS = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** With CI=true it counts as reachable: a suite that misses it fails there. */
export async function isRedisReachable(): Promise<boolean> {
  if (process.env['CI'] === 'true') return true;
  return new Promise<boolean>((resolve) => {
    const { hostname, port } = new URL(REDIS);
    const socket = connect(Number(port) || 6379, hostname, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
