import * as swagger from '@nestjs/swagger';
import * as ours from './swagger-metadata.js';

class Model {}

const notesOf = (target: object, name?: string): unknown =>
  // What is undefined is as good as left out.
  Reflect.getMetadataKeys(target, name as never)
    .filter((key) => String(key).startsWith('swagger/'))
    .map((key) => [key, JSON.parse(JSON.stringify(Reflect.getMetadata(key, target, name as never), keepClasses))]);

/** `isArray: false` is what is held anyway. */
const keepClasses = (key: string, value: unknown): unknown => {
  if (key === 'isArray' && value === false) return undefined;
  return typeof value === 'function' ? `class ${value.name}` : value;
};

function onMethod(decorators: readonly MethodDecorator[]): unknown {
  class Routes {
    call() {}
  }
  const descriptor = Object.getOwnPropertyDescriptor(Routes.prototype, 'call')!;
  for (const decorate of decorators) decorate(Routes.prototype, 'call', descriptor);
  return notesOf(descriptor.value as object);
}

const onClass = (decorate: ClassDecorator): unknown => {
  class Routes {}
  decorate(Routes);
  return notesOf(Routes);
};

function onMember(decorate: PropertyDecorator): unknown {
  class Body {}
  decorate(Body.prototype, 'field');
  return [notesOf(Body.prototype), notesOf(Body.prototype, 'field')];
}

type Decorators = Readonly<Record<string, (...options: never[]) => never>>;
const { [Symbol.toStringTag]: _tag, ...all } = swagger as unknown as Decorators & { [Symbol.toStringTag]?: never };

describe('what is noted for OpenAPI is what the decorator of that name of @nestjs/swagger notes', () => {
  it.each<[string, ...unknown[]]>([
    ['ApiOperation', { operationId: 'refresh', summary: 'Refresh' }],
    ['ApiBody', { type: Model }],
    ['ApiBody', { type: Model, required: false }],
    ['ApiParam', { name: 'id', type: 'string', description: 'The session.' }],
    ['ApiProduces', 'text/plain'],
    ['ApiHeader', { name: 'Key', required: false, description: 'A key.', schema: { type: 'string', minLength: 22 } }],
    ['ApiResponse', { status: 401, description: 'No.', content: { 'application/json': { schema: { $ref: 'x' } } } }],
    ['ApiOkResponse', { type: Model, description: 'Done.' }],
    ['ApiAcceptedResponse', { type: Model, description: 'Later.' }],
    ['ApiServiceUnavailableResponse', { type: Model, description: 'Not now.' }],
    ['ApiNoContentResponse', { description: 'Done.' }],
    ['ApiBearerAuth'],
    ['ApiExtraModels', Model],
  ])('%s %j', (name, ...options) => {
    const made = (from: Decorators) => [from[name]!(...(copiesOf(options) as never[]))];
    expect(onMethod(made(ours as unknown as Decorators))).toEqual(onMethod(made(all)));
  });

  it.each<[string, ...unknown[]]>([
    ['ApiTags', 'session'],
    ['ApiExcludeController'],
    ['ApiSchema', { name: 'Session' }],
  ])('%s %j', (name, ...options) => {
    expect(onClass((ours as unknown as Decorators)[name]!(...(options as never[])))).toEqual(
      onClass(all[name]!(...(options as never[]))),
    );
  });

  it.each<object>([
    { type: 'string', description: 'A text.', required: false },
    { type: 'integer', description: 'Seconds.' },
    { type: 'string', nullable: true },
    { type: 'string', enum: ['Bearer'] },
    { type: 'string', isArray: true },
    { type: Model, isArray: true },
  ])('ApiProperty %j', (options) => {
    expect(onMember(ours.ApiProperty({ ...options }))).toEqual(onMember(swagger.ApiProperty({ ...options })));
  });
});

describe('what is noted in two steps is noted as by @nestjs/swagger', () => {
  it('of a member that two decorators describe, both', () => {
    const both = ({ ApiProperty }: Pick<typeof ours, 'ApiProperty'>): unknown =>
      onMember((prototype, name) => {
        ApiProperty({ type: 'string', maxLength: 3 })(prototype, name);
        ApiProperty({ required: false })(prototype, name);
      });

    expect(both(ours)).toEqual(both(swagger));
  });

  it('of a class whose members need not be there, all of them', () => {
    const partial = ({ ApiProperty, PartialType }: Pick<typeof ours, 'ApiProperty' | 'PartialType'>): unknown => {
      class Body {
        readonly field?: string;
      }
      ApiProperty({ type: 'string', description: 'A text.' })(Body.prototype, 'field');
      const { prototype } = PartialType(Body);
      return [notesOf(prototype), notesOf(prototype, 'field')];
    };

    expect(partial(ours)).toEqual(partial(swagger as unknown as typeof ours));
  });
});

/** The decorators of swagger change what they are given; classes cannot be cloned. */
function copiesOf(options: readonly unknown[]): unknown[] {
  return options.map((option) => (typeof option === 'object' ? { ...option } : option));
}
