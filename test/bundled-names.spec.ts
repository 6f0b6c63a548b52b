import { withNamedClasses } from '../scripts/bundled-names.mjs';

function named(code: string): { text: string; classes: string[] } {
  const classes = new Set<string>();
  return { text: withNamedClasses(code, classes), classes: [...classes] };
}

describe('the names of classes in a bundle', () => {
  it('are those of variables, since esbuild would rename a class that names itself', () => {
    const code =
      'export class Cart {\n  items = [];\n}\nclass Shop extends Cart {\n}\nexport const shop = new Shop();\n';

    expect(named(code)).toEqual({
      text: 'export let Cart = class {\n  items = [];\n};\nlet Shop = class extends Cart {\n};\nexport const shop = new Shop();\n',
      classes: ['Cart', 'Shop'],
    });
  });

  it('are kept where tsc has written a variable for the decorators', () => {
    const code =
      'let Cart = Cart_1 = class Cart {\n};\nCart = Cart_1 = __decorate([Injectable()], Cart);\nexport { Cart };\n';

    expect(named(code)).toEqual({
      text: 'let Cart = class {\n};\nCart = Cart_1 = __decorate([Injectable()], Cart);\nexport { Cart };\n',
      classes: ['Cart'],
    });
  });

  it.each([
    ['a style sheet, of which a semicolon after a rule drops the next one', '`:root {\n}\n* { margin: 0 }\n`'],
    ['source that a page shows', '`export class Cart {\n}\n`'],
    ['a comment', '0 /*\nclass Cart {\n}\n*/'],
  ])('change nothing in text: %s', (_, text) => {
    const code = `export const TEXT = ${text};\nif (TEXT) {\n}\nelse {\n}\n`;

    expect(named(code)).toEqual({ text: code, classes: [] });
  });
});
