import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    // No inlined files: the host's content security policy allows none.
    assetsInlineLimit: 0,
    // Said by hand, so that a build that grows beyond the budget of 250 kB gzip is noticed by the test and not by a warning.
    chunkSizeWarningLimit: 1000,
  },
  // `npm run dev` beside a running Elly.
  server: { port: 5173, proxy: { '/api': 'http://localhost:3000' } },
});
