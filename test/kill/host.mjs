// Elly as a process of its own, so that a test can kill it: built code, configured by the environment alone.
import { createApp } from '@elly/app';

const elly = await createApp(process.env, { seed: true });
await elly.listen();
process.stdout.write(`${elly.url()}\n`);
