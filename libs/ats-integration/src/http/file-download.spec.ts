import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { LocalServer } from '../testing-support/local-server.js';
import type { Answer } from '../testing-support/local-server.js';
import { FileDownload } from './file-download.js';
import type { Download, DownloadSpec } from './file-download.js';
import { HttpAgent } from './http-agent.js';

const PDF = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n');
const SECRET = { name: 'authorization', value: 'Bearer canary-3c11' };

/** Resolves when the client has let go of the connection. */
function closeOf({ socket }: IncomingMessage): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function textOf({ stream }: Download): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('FileDownload', () => {
  const agent = new HttpAgent();
  const download = new FileDownload(agent, { allowInsecureHosts: true } as AtsIntegrationOptions);
  const strict = new FileDownload(agent, { allowInsecureHosts: false } as AtsIntegrationOptions);
  let api: LocalServer;
  let files: LocalServer;

  beforeAll(async () => {
    [api, files] = await Promise.all([LocalServer.start(), LocalServer.start()]);
  });
  afterAll(async () => {
    await Promise.all([download.onApplicationShutdown(), strict.onApplicationShutdown()]);
    await agent.onApplicationShutdown();
    await Promise.all([api.stop(), files.stop()]);
  });
  beforeEach(() => {
    api.heard.length = 0;
    files.heard.length = 0;
  });

  function spec(url: string, changes: Partial<DownloadSpec> = {}): DownloadSpec {
    return {
      source: { url, authorised: true },
      apiUrl: `${api.url}/v1`,
      fileHosts: ['127.0.0.1', '*.files.example'],
      authorisation: SECRET,
      maxBytes: 64 * 1024,
      signal: new AbortController().signal,
      ...changes,
    };
  }

  const serve = (body: Buffer | string, headers: Record<string, string> = {}): Answer => {
    return (response) => void response.writeHead(200, headers).end(body);
  };

  const endless =
    (first: Buffer): Answer =>
    (response) => {
      response.writeHead(200);
      response.write(first);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16 * 1024, 'x')));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };

  it('brings a file as it is, with the type that its bytes show', async () => {
    const large = Buffer.concat([PDF, Buffer.alloc(50_000, 'x')]);
    for (const file of [PDF, large]) {
      files.answer = serve(file, { 'content-type': 'application/octet-stream' });
      const found = await download.open(spec(`${files.url}/cv`));
      expect(found.contentType).toBe('application/pdf');
      expect((await textOf(found)).equals(file)).toBe(true);
    }
  });

  it('takes plain text, and a file of no bytes, for text', async () => {
    for (const text of ['Ann Example, carpenter', '']) {
      files.answer = serve(text);
      const found = await download.open(spec(`${files.url}/cv`));
      expect(found.contentType).toBe('text/plain');
      expect((await textOf(found)).toString()).toBe(text);
    }
  });

  it('never calls a web page anything but text, whatever the server says', async () => {
    files.answer = serve('<html><script>alert(1)</script></html>', { 'content-type': 'text/html' });
    expect((await download.open(spec(`${files.url}/cv`))).contentType).toBe('text/plain');
  });

  it.each<[string, Buffer]>([
    ['a Windows program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)])],
    ['a Linux program', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(200)])],
    ['a zip archive', Buffer.from('504b0506000000000000000000000000000000000000', 'hex')],
    ['a GIF', Buffer.from('GIF89a\u0001\u0000\u0001\u0000', 'latin1')],
    ['nothing known', Buffer.from([0, 1, 2, 3, 4, 5])],
  ])('does not keep %s, whatever it calls itself (ASVS 5.2.2)', async (_, file) => {
    files.answer = serve(file, { 'content-type': 'application/pdf' });
    await expect(download.open(spec(`${files.url}/cv.pdf`))).rejects.toMatchObject({ code: 'file-refused' });
  });

  describe('when a file is too large (ASVS 5.2.1)', () => {
    it('refuses one that says so, before it comes: a résumé of 5 GB', async () => {
      files.answer = (response) => {
        response.writeHead(200, { 'content-length': String(5 * 1024 ** 3) });
        response.write(PDF);
      };
      await expect(download.open(spec(`${files.url}/cv`))).rejects.toMatchObject({ code: 'file-too-large' });
    });

    it('fails the stream of one that does not say so, and lets go of the connection', async () => {
      let closed: Promise<unknown> = Promise.resolve();
      files.answer = (response, heard, request) => {
        closed = closeOf(request);
        return endless(PDF)(response, heard, request);
      };
      const found = await download.open(spec(`${files.url}/cv`));
      await expect(textOf(found)).rejects.toMatchObject({ code: 'file-too-large' });
      await closed;
    });

    it('refuses one that is too large within its first bytes', async () => {
      files.answer = serve(Buffer.concat([PDF, Buffer.alloc(3000, 'x')]));
      const open = download.open(spec(`${files.url}/cv`, { maxBytes: 2000 })).then(textOf);
      await expect(open).rejects.toMatchObject({ code: 'file-too-large' });
    });

    it('takes one that is exactly as large as allowed', async () => {
      files.answer = serve(Buffer.concat([PDF, Buffer.alloc(2000 - PDF.length, 'x')]));
      const found = await download.open(spec(`${files.url}/cv`, { maxBytes: 2000 }));
      expect(await textOf(found)).toHaveLength(2000);
    });
  });

  it.each([
    ['stops reading', async (found: Download) => void found.stream.destroy()],
    [
      'fails while writing',
      async (found: Download) => {
        for await (const chunk of found.stream) if (chunk !== null) break;
      },
    ],
  ])('lets go of the connection when the store %s', async (_, use) => {
    let closed: Promise<unknown> = Promise.resolve();
    files.answer = (response, heard, request) => {
      closed = closeOf(request);
      return endless(PDF)(response, heard, request);
    };
    await use(await download.open(spec(`${files.url}/cv`, { maxBytes: 1024 ** 3 })));
    await closed;
  });

  it('lets go of the connection of a file that it does not keep', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    files.answer = (response, heard, request) => {
      closed = closeOf(request);
      return endless(Buffer.concat([Buffer.from('MZ'), Buffer.alloc(5000)]))(response, heard, request);
    };
    await expect(download.open(spec(`${files.url}/cv`))).rejects.toMatchObject({ code: 'file-refused' });
    await closed;
  });

  it('fails the stream of a file that breaks off', async () => {
    files.answer = (response) => {
      response.writeHead(200, { 'content-length': '20000' });
      response.write(Buffer.concat([PDF, Buffer.alloc(9000, 'x')]));
      setTimeout(() => response.socket?.destroy(), 30);
    };
    await expect(download.open(spec(`${files.url}/cv`)).then(textOf)).rejects.toThrow();
  });

  describe('credentials', () => {
    it("go to the API's own origin when the provider asks for it", async () => {
      api.answer = serve(PDF);
      await textOf(await download.open(spec(`${api.url}/v1/cv`)));
      expect(api.heard[0]?.headers.authorization).toBe(SECRET.value);
    });

    it.each([true, false])('never go to a host of files (authorised: %s)', async (authorised) => {
      files.answer = serve(PDF);
      await textOf(await download.open(spec('', { source: { url: `${files.url}/cv`, authorised } })));
      expect(files.heard[0]?.headers.authorization).toBeUndefined();
    });

    it('do not travel along a redirect from the API to a host of files', async () => {
      api.answer = (response) => void response.writeHead(302, { location: `${files.url}/signed` }).end();
      files.answer = serve(PDF);
      await textOf(await download.open(spec(`${api.url}/v1/cv`)));
      expect(api.heard[0]?.headers.authorization).toBe(SECRET.value);
      expect(files.heard[0]?.url).toBe('/signed');
      expect(files.heard[0]?.headers.authorization).toBeUndefined();
    });
  });

  describe('where a file may be', () => {
    it.each([
      ['a host that the ATS does not use', 'https://attacker.example/cv'],
      ['a host whose name ends alike', 'https://evilfiles.example/cv'],
      ['the bare domain of a wildcard', 'https://files.example/cv'],
      ['the cloud metadata', 'http://169.254.169.254/latest/meta-data/'],
      ['loopback by name', 'http://localhost/cv'],
      ['a user name before the host', 'https://someone@cdn.files.example/cv'],
      ['a file of this machine', 'file:///etc/passwd'],
      ['gopher', 'gopher://127.0.0.1:6379/_FLUSHALL'],
    ])('refuses %s', async (_, url) => {
      await expect(download.open(spec(url, { fileHosts: ['*.files.example'] }))).rejects.toMatchObject({
        code: 'file-refused',
      });
    });

    it.each([
      ['plain http', 'http://cdn.files.example/cv'],
      ['another port', 'https://cdn.files.example:22/cv'],
      ['a private address', 'https://10.0.0.1/cv'],
      ['loopback written as a number', 'https://2130706433/cv'],
      ['loopback written in hex', 'https://0x7f000001/cv'],
      ['IPv6 loopback', 'https://[::1]/cv'],
      ['a private address inside IPv6', 'https://[::ffff:10.0.0.1]/cv'],
      ['link-local', 'https://169.254.169.254/cv'],
    ])('refuses %s in production even on an allowed host', async (_, url) => {
      const fileHosts = ['*.files.example', '10.0.0.1', '127.0.0.1', '::1', '::ffff:a00:1', '169.254.169.254'];
      await expect(strict.open(spec(url, { fileHosts }))).rejects.toMatchObject({ code: 'file-refused' });
    });

    it('refuses in production a name that leads into our own network', async () => {
      const asked = strict.open(spec('https://localhost/cv', { fileHosts: ['localhost'] }));
      await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('refuses a redirect to a foreign host', async () => {
      files.answer = (response) => void response.writeHead(302, { location: 'https://attacker.example/cv' }).end();
      await expect(download.open(spec(`${files.url}/cv`))).rejects.toMatchObject({ code: 'file-refused' });
    });

    it('does not follow redirects for ever', async () => {
      files.answer = (response) => void response.writeHead(302, { location: '/again' }).end();
      await expect(download.open(spec(`${files.url}/cv`))).rejects.toMatchObject({ code: 'file-refused' });
      expect(files.heard).toHaveLength(4);
    });
  });

  it.each([
    [401, 'auth-revoked'],
    [403, 'not-found'],
    [404, 'not-found'],
    [410, 'not-found'],
    [422, 'invalid-request'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ] as const)('takes HTTP %d for a file for %s: an expired link is asked for again', async (status, code) => {
    files.answer = (response) => void response.writeHead(status).end('<Error>AccessDenied</Error>');
    await expect(download.open(spec(`${files.url}/cv?signature=canary`))).rejects.toMatchObject({ code });
  });

  it('tells a host that cannot be reached apart from a file that is gone', async () => {
    const gone = await LocalServer.start();
    await gone.stop();
    await expect(download.open(spec(`${gone.url}/cv`))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
