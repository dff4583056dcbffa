import { getQueueToken } from '@nestjs/bull';
import type { Queue } from 'bull';
import type { Scene } from './scene.js';
import type { Exposed } from './secrets.js';

type Client = Queue['client'];

/** Rate limits are kept beside the work, under no prefix: deployments that share an account share them. */
const BUDGETS = 'ats-budget';

/** What one scene keeps in Redis, and all that it ever sent there. */
export class WatchedRedis {
  readonly sent: Exposed[] = [];

  private constructor(
    private readonly client: Client,
    private readonly monitor: Client,
    readonly prefix: string,
  ) {}

  static async watch(scene: Scene, prefix: string): Promise<WatchedRedis> {
    const queue = scene.running.elly.app.get<Queue>(getQueueToken('ats-integration'), { strict: false });
    const client = queue.client.duplicate();
    const redis = new WatchedRedis(client, await client.monitor(), prefix);
    redis.monitor.on('monitor', (_: string, words: readonly string[]) => redis.#hear(words));
    return redis;
  }

  /** Every value of every key of this scene, whatever its type. */
  async stored(): Promise<Exposed[]> {
    const exposed: Exposed[] = [];
    for (const key of await this.keys()) exposed.push({ where: key, text: `${key}\n${await this.#read(key)}` });
    return exposed;
  }

  async keys(): Promise<string[]> {
    const keys: string[] = [];
    for (const match of [`${this.prefix}:*`, `${BUDGETS}:*`]) {
      let cursor = '0';
      do {
        const [next, found] = await this.client.scan(cursor, 'MATCH', match, 'COUNT', 1000);
        cursor = next;
        keys.push(...found);
      } while (cursor !== '0');
    }
    return keys;
  }

  /** As when its worker stood still for longer than its lock lives. False when the work item has no lock. */
  async loseLock(workItem: string): Promise<boolean> {
    const job = (await this.stored()).find(({ text }) => text.includes(workItem));
    return job !== undefined && (await this.client.del(`${job.where}:lock`)) === 1;
  }

  /** One value of each type, under the scene's own prefix. */
  async plant(text: string): Promise<string[]> {
    const at = (type: string): string => `${this.prefix}:planted:${type}`;
    await this.client.set(at('string'), text);
    await this.client.hset(at('hash'), 'field', text);
    await this.client.rpush(at('list'), text);
    await this.client.sadd(at('set'), text);
    await this.client.zadd(at('zset'), 1, text);
    await this.client.xadd(at('stream'), '*', 'field', text);
    return ['string', 'hash', 'list', 'set', 'zset', 'stream'].map(at);
  }

  async close(): Promise<void> {
    this.monitor.disconnect();
    const keys = (await this.keys()).filter((key) => key.startsWith(this.prefix));
    if (keys.length > 0) await this.client.del(...keys);
    this.client.disconnect();
  }

  /** Others use this Redis too. */
  #hear(words: readonly string[]): void {
    if (!words.some((word) => word.includes(this.prefix) || word.includes(BUDGETS))) return;
    this.sent.push({ where: `${words[0] ?? ''} to Redis`, text: words.join('\n') });
  }

  async #read(key: string): Promise<string> {
    const type = await this.client.type(key);
    switch (type) {
      case 'string':
        return (await this.client.get(key)) ?? '';
      case 'hash':
        return JSON.stringify(await this.client.hgetall(key));
      case 'list':
        return JSON.stringify(await this.client.lrange(key, 0, -1));
      case 'set':
        return JSON.stringify(await this.client.smembers(key));
      case 'zset':
        return JSON.stringify(await this.client.zrange(key, 0, -1));
      case 'stream':
        return JSON.stringify(await this.client.xrange(key, '-', '+'));
      case 'none':
        return '';
      default:
        throw new Error(`${key} is of the type ${type}, which nobody reads here.`);
    }
  }
}
