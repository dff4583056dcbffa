import { describe, expect, it } from '@jest/globals';
import { describeAtsProvider, readScenario } from '../../testing/index.js';
import { greenhouse } from './index.js';

describeAtsProvider(
  { describe, it, expect },
  greenhouse,
  readScenario(new URL('./fixtures/scenario.json', import.meta.url)),
);
