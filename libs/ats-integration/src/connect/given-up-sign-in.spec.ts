import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SignInScene } from '../testing-support/sign-in-scene.js';
import { Disconnect } from './disconnect.js';

describe('the answer of a sign-in that was given up', () => {
  let scene: SignInScene;

  beforeAll(async () => {
    scene = await SignInScene.start();
  });
  afterAll(() => scene.stop());
  beforeEach(() => scene.reset());

  const disconnect = (id: string): Promise<void> =>
    scene.ats.get(Disconnect).disconnect(scene.person.workspaceId, id, 'ann');
  const refused = (message: RegExp): object => ({
    code: 'connect-state-invalid',
    message: expect.stringMatching(message),
  });
  const GENERIC = /finished already, took longer than 10 minutes/;

  it('says that Connect was clicked again (it said "expired"), and the code is not exchanged', async () => {
    const first = await scene.begin();
    const second = await scene.begin();
    await expect(scene.finish(first)).rejects.toMatchObject(refused(/Connect was clicked again/));
    expect(scene.server.heard).toEqual([]);
    expect(await scene.finish(second)).toBe(second.connectionId);
  });

  it('says that it was disconnected (it said "expired"), and the code is not exchanged', async () => {
    const open = await scene.begin();
    await disconnect(open.connectionId);
    await expect(scene.finish(open)).rejects.toMatchObject(refused(/was disconnected/));
    expect(scene.server.heard).toEqual([]);
  });

  it('says that the connection to reconnect was disconnected', async () => {
    const id = await scene.connect();
    const open = await scene.beginAgain(id);
    await disconnect(id);
    scene.server.heard.length = 0;
    await expect(scene.finish(open)).rejects.toMatchObject(refused(/was disconnected/));
    expect(scene.server.heard).toEqual([]);
  });

  it('stays dead when the connection comes back', async () => {
    scene.script.profile = { ...scene.script.profile, accountId: 'acme' };
    const id = await scene.connect();
    await scene.sync(id);
    const open = await scene.beginAgain(id);
    await disconnect(id);
    expect(await scene.connect()).toBe(id);
    await expect(scene.finish(open)).rejects.toMatchObject(refused(GENERIC));
  });

  it('says nothing of it to anybody else (ASVS 8.4.1)', async () => {
    const open = await scene.begin();
    await disconnect(open.connectionId);
    for (const other of [{ userId: 'bob' }, { browser: 'another' }, { workspaceId: 'globex' }]) {
      scene.person = { ...scene.person, ...other };
      await expect(scene.finish(open)).rejects.toMatchObject(refused(GENERIC));
    }
  });

  it('is still called finished when it was, though the connection was disconnected since', async () => {
    const open = await scene.begin();
    await scene.finish(open);
    await disconnect(open.connectionId);
    await expect(scene.finish(open)).rejects.toMatchObject(refused(GENERIC));
  });
});
