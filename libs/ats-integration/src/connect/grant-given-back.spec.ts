import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { json } from '../testing-support/local-server.js';
import { SignInScene } from '../testing-support/sign-in-scene.js';

describe('a grant that comes to nothing', () => {
  let scene: SignInScene;

  beforeAll(async () => {
    scene = await SignInScene.start();
  });
  afterAll(() => scene.stop());
  beforeEach(() => {
    scene.reset();
    signsInTo('acme');
  });

  function signsInTo(accountId: string): void {
    scene.script.profile = { ...scene.script.profile, accountId, accountName: accountId, blockers: [] };
  }
  const isStopped = (): void => {
    scene.script.profile = { ...scene.script.profile, blockers: ['Sign in as a Site Admin.'] };
  };

  it('goes back to the ATS when nothing of the workspace lives there', async () => {
    isStopped();
    await expect(scene.connect()).rejects.toMatchObject({ code: 'preflight-failed' });
    expect(await scene.givenBack()).toBe(1);
  });

  it.each(['connect', 'reconnect'] as const)(
    'is kept when the %s was committed and only the queue failed behind it (a living connection lost its grant)',
    async (purpose) => {
      const open = purpose === 'connect' ? await scene.begin() : await scene.beginAgain(await scene.connect());
      const { queue } = scene.ats;
      const enqueue = queue.enqueue.bind(queue);
      queue.enqueue = () => Promise.reject(new Error('The queue is away.'));
      try {
        await expect(scene.finish(open)).rejects.toThrow('The queue is away.');
      } finally {
        queue.enqueue = enqueue;
      }
      expect(await scene.statusOf(open.connectionId)).toBe('active');
      expect(await scene.givenBack()).toBe(0);
    },
  );

  it('is kept when the pre-flight stops a second connect: one user of the ATS may have one grant for both (a living connection lost its grant)', async () => {
    const living = await scene.connect();
    isStopped();
    await expect(scene.connect()).rejects.toMatchObject({ code: 'preflight-failed' });
    expect(await scene.statusOf(living)).toBe('active');
    expect(await scene.givenBack()).toBe(0);
  });

  it("is kept when it is another connection's account that a person signed in to again (a living connection lost its grant)", async () => {
    const acme = await scene.connect();
    signsInTo('globex');
    await scene.connect();
    await scene.lose(acme);
    await expect(scene.reconnect(acme)).rejects.toMatchObject({ code: 'different-account' });
    expect(await scene.givenBack()).toBe(0);
  });

  it('goes back when the only other connection has lost its own', async () => {
    const acme = await scene.connect();
    await scene.lose(acme);
    signsInTo('globex');
    isStopped();
    await expect(scene.connect()).rejects.toMatchObject({ code: 'preflight-failed' });
    expect(await scene.givenBack()).toBe(1);
  });

  it('is kept while another sign-in is under way that may come to live on it', async () => {
    const first = await scene.begin();
    let begun = false;
    scene.server.answer = async (response) => {
      if (!begun) {
        begun = true;
        await scene.begin();
      }
      json(response, 200, { access_token: 'canary-access', refresh_token: 'canary-refresh', expires_in: 3600 });
    };
    await expect(scene.finish(first)).rejects.toMatchObject({ code: 'connect-overtaken' });
    expect(await scene.givenBack()).toBe(0);
  });
});
