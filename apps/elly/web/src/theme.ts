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
    // A header element would be a second banner of the page.
    ModalHeader: { defaultProps: { role: 'presentation' } },
    ModalTitle: { defaultProps: { fw: 650 } },
    Table: { defaultProps: { verticalSpacing: 'sm' } },
  },
});

/** Text on Mantine's soft colours, in light. */
const DEEP: Readonly<Record<string, string>> = {
  gray: '#3f4754',
  red: '#a51d1d',
  green: '#1d5e2c',
  yellow: '#744a00',
  blue: '#134d85',
  indigo: '#2f44ad',
};

/** Mantine's soft colours, paled and their text deepened (lightened, on dark) until it reads: WCAG AA. */
export const readableColours: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f7f8fa',
    '--mantine-color-dimmed': '#565e6b',
    '--mantine-color-placeholder': '#636b78',
    '--mantine-color-error': '#c01f1f',
    ...soft((name) => ({
      ground: colors[name]?.[name === 'gray' ? 2 : 0],
      hovered: colors[name]?.[name === 'gray' ? 3 : 1],
      text: DEEP[name],
    })),
    '--card': '#ffffff',
  },
  dark: {
    '--mantine-color-dimmed': '#a8b0bd',
    '--mantine-color-placeholder': '#9aa2af',
    '--mantine-color-error': '#ff9b9b',
    ...soft((name) => ({
      ground: `color-mix(in srgb, ${colors[name]?.[8] ?? 'gray'} 22%, transparent)`,
      hovered: `color-mix(in srgb, ${colors[name]?.[8] ?? 'gray'} 30%, transparent)`,
      text: colors[name]?.[2],
    })),
    '--mantine-color-anchor': colors.indigo?.[3] ?? '',
    '--card': 'var(--mantine-color-dark-6)',
  },
});

interface Soft {
  readonly ground: string | undefined;
  readonly hovered: string | undefined;
  readonly text: string | undefined;
}

function soft(of: (name: string) => Soft): Record<string, string> {
  return Object.fromEntries(
    Object.keys(DEEP).flatMap((name) => {
      const { ground = '', hovered = '', text = '' } = of(name);
      return [
        [`--mantine-color-${name}-light`, ground],
        [`--mantine-color-${name}-light-hover`, hovered],
        [`--mantine-color-${name}-light-color`, text],
      ];
    }),
  );
}
