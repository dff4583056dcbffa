import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeBadBodies } from './security/bad-bodies.js';
import { Scene } from './security/scene.js';
import { describeSecretsScan } from './security/secrets-scan.js';
import { describeSignInAttacks } from './security/sign-in-attacks.js';
import { describeWayIn } from './security/way-in.js';

describe('security', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.start(null);
  }, 60_000);
  afterAll(() => scene.stop());

  // First, while nothing goes on in the background: it holds the whole database against what it was before.
  describeBadBodies(() => scene);
  describeSignInAttacks('greenhouse', () => scene);
  describeSignInAttacks('lever', () => scene);
  describeWayIn(() => scene);
  // Last: it reads everything that the tests before it printed and stored.
  describeSecretsScan(() => scene, { refusals: 50 });
});
