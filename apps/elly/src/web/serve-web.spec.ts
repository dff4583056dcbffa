import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { serveWeb } from './serve-web.js';

@Controller('hello')
class HelloController {
  @Get()
  hello(): string {
    return 'the API';
  }
}

@Module({ controllers: [HelloController] })
class HelloModule {}

describe('serveWeb', () => {
  let folder: string;
  const running: INestApplication[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'web-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<title>the page</title>');
    await writeFile(join(folder, 'favicon.svg'), '<svg/>');
    await writeFile(join(folder, 'assets', 'main-abc.js'), 'script');
  });

  afterAll(async () => {
    await Promise.all(running.map((app) => app.close()));
    await rm(folder, { recursive: true });
  });

  async function host(built: string): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
    const app = await NestFactory.create<NestExpressApplication>(HelloModule, { logger: false });
    running.push(app);
    app.setGlobalPrefix('api');
    serveWeb(app, built);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    return (path, init) => fetch(url + path, init);
  }

  it('gives the page for every address outside of the API, to be asked for anew each time', async () => {
    const ask = await host(folder);
    for (const path of [
      '/',
      '/settings/integrations',
      '/settings/integrations/0190?connected',
      '/apiary',
      '/index.html',
    ]) {
      const answer = await ask(path);
      expect({ path, text: await answer.text() }).toEqual({ path, text: '<title>the page</title>' });
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'self';");
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('lets files whose names hold a hash be kept for good, and no others', async () => {
    const ask = await host(folder);
    const kept = await ask('/assets/main-abc.js');
    expect(await kept.text()).toBe('script');
    expect(kept.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await ask('/favicon.svg')).headers.get('cache-control')).toBe('no-cache');
  });

  it('does not give the page for a script that is gone', async () => {
    const ask = await host(folder);
    expect((await ask('/assets/main-old.js')).status).toBe(404);
  });

  it('leaves the API and everything that is not reading alone', async () => {
    const ask = await host(folder);
    const answer = await ask('/api/hello');
    expect(await answer.text()).toBe('the API');
    expect(answer.headers.get('content-security-policy')).toBeNull();
    expect((await ask('/api/nothing')).status).toBe(404);
    expect((await ask('/API/nothing')).status).toBe(404);
    expect((await ask('/settings', { method: 'POST' })).status).toBe(404);
  });

  it('serves nothing outside of its folder', async () => {
    const inner = join(folder, 'inner');
    await mkdir(inner);
    await writeFile(join(inner, 'index.html'), 'the inner page');
    const ask = await host(inner);
    for (const path of ['/..%2ffavicon.svg', '/%2e%2e/favicon.svg', '/..%5cfavicon.svg']) {
      expect(await (await ask(path)).text()).not.toContain('<svg/>');
    }
  });

  it('leaves the API as it is where nothing was built', async () => {
    const ask = await host(join(folder, 'nowhere'));
    expect(await (await ask('/api/hello')).text()).toBe('the API');
    expect((await ask('/')).status).toBe(404);
  });
});
