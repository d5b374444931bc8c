/** Builds the report page: one HTML file with everything inside, dist/report/page.html. */
import { resolve } from 'node:path';
import preact from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

/**
 * The page may load nothing at all, whatever a target's name or answer says: its policy forbids it.
 * While developing, the server has to be let in.
 */
const openWhileDeveloping = (): Plugin => ({
  name: 'open-while-developing',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
});

export default defineConfig({
  root: import.meta.dirname,
  plugins: [preact(), openWhileDeveloping(), viteSingleFile({ removeViteModuleLoader: true })],
  build: {
    // tsc has already written into dist/: nothing there is emptied.
    outDir: resolve(import.meta.dirname, '../../../dist/report'),
    emptyOutDir: false,
    target: 'es2022',
    rolldownOptions: { input: resolve(import.meta.dirname, 'page.html') },
  },
});
