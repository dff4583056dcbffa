import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { REDIS, isRedisReachable } from './security/reachable-redis.js';
import { describeRedisScan } from './security/redis-scan.js';
import { Scene } from './security/scene.js';
import { describeSecretsScan } from './security/secrets-scan.js';
import { WatchedRedis } from './security/watched-redis.js';

if (await isRedisReachable()) {
  describe('security, with the work on Redis', () => {
    let scene: Scene;
    let redis: WatchedRedis;

    beforeAll(async () => {
      // Keys of its own: other tests may use the same Redis.
      const prefix = `ats-security-${randomUUID()}`;
      scene = await Scene.start({ url: REDIS, prefix });
      redis = await WatchedRedis.watch(scene, prefix);
    }, 60_000);
    afterAll(async () => {
      await scene?.stop();
      await redis?.close();
    });

    describeSecretsScan(() => scene, { refusals: 1 });
    describeRedisScan(
      () => scene,
      () => redis,
    );
  });
} else {
  describe.skip(`security, with the work on Redis (skipped: no Redis is reachable at ${REDIS}; set REDIS_URL)`, () => {
    it('tells Redis ids, and of an error its name and code', () => undefined);
  });
}
