import tseslint from 'typescript-eslint';

const weakAssertions = ['toMatchObject', 'toBeDefined', 'toBeTruthy', 'toBeFalsy'].map((property) => ({
  property,
  message: 'Compare the whole value with toEqual.',
}));

export default tseslint.config(
  { ignores: ['**/generated/**', 'dist/**', 'test/tooling/**', '**/*.mjs', 'test/fixtures/**'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: '../../tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...weakAssertions],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
