import { createTheme } from '@mantine/core';
import type { CSSVariablesResolver } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif",
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.3' },
      h2: { fontSize: '1.125rem', lineHeight: '1.4' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  components: {
    Card: { defaultProps: { withBorder: true, padding: 'lg' } },
    Badge: { defaultProps: { variant: 'light', tt: 'none', fw: 600 } },
    Table: { defaultProps: { verticalSpacing: 'sm' } },
  },
});

const TINTED = ['gray', 'red', 'green', 'yellow', 'blue', 'indigo'];

/** Mantine's soft colours, deepened (lightened, on dark) until text in them reads: WCAG AA. */
export const readableColours: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f7f8fa',
    '--mantine-color-dimmed': '#565e6b',
    '--mantine-color-placeholder': '#636b78',
    '--mantine-color-error': '#c01f1f',
    ...tinted((name) => ({ text: name === 'yellow' ? '#7a4d00' : (colors[name]?.[9] ?? '') })),
    '--mantine-color-gray-light-color': '#3f4754',
    '--mantine-color-green-light-color': '#1d5e2c',
    '--mantine-color-red-light-color': '#a51d1d',
    '--mantine-color-blue-light-color': '#134d85',
    '--card': '#ffffff',
  },
  dark: {
    '--mantine-color-dimmed': '#a8b0bd',
    '--mantine-color-placeholder': '#9aa2af',
    '--mantine-color-error': '#ff9b9b',
    ...tinted((name) => ({ text: colors[name]?.[2] ?? '' })),
    '--mantine-color-anchor': colors.indigo?.[3] ?? '',
    '--card': 'var(--mantine-color-dark-6)',
  },
});

function tinted(of: (name: string) => { readonly text: string }): Record<string, string> {
  return Object.fromEntries(TINTED.map((name) => [`--mantine-color-${name}-light-color`, of(name).text]));
}
