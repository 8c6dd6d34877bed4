import { parseSync, Visitor, type Expression, type Node, type PropertyKey, type Span } from "oxc-parser";

/** One place in a source file: what is there, and on which line. */
export interface Found {
  readonly what: string;
  readonly line: number;
}

/** One mention of another module. Type-only means that it leaves no trace when the types are stripped. */
export interface Reference extends Found {
  readonly isTypeOnly: boolean;
}

/** What the architecture's rules want to know about one file. */
export interface SourceFacts {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly references: readonly Reference[];
  /** Names that come from another module and are exported again. */
  readonly reExports: readonly Found[];
  readonly starExports: readonly Found[];
  /** What classes extend. */
  readonly superclasses: readonly Found[];
  /** Type assertions other than `as const`. */
  readonly casts: readonly Found[];
  /** Enums, namespaces and decorators. */
  readonly refusedSyntax: readonly Found[];
  /** Clocks, timers, chance and `await`: what a pure room must not use. */
  readonly impurities: readonly Found[];
  /** Literal error codes. */
  readonly codes: readonly Found[];
}

const IMPURE_NAMES: ReadonlySet<string> = new Set([
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "performance",
  "fetch",
  "randomUUID",
  "getRandomValues",
  "hrtime",
]);
const IMPURE_MEMBERS: ReadonlySet<string> = new Set(["Date.now", "Math.random"]);
const CODE = /^[A-Z][A-Z0-9_]+$/;

/**
 * Parses one TypeScript file.
 *
 * @throws {Error} if it doesn't parse: a rule that can't read a file must not pass.
 */
export function readFacts(path: string, text: string): SourceFacts {
  const { program, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path} does not parse: ${errors[0].message}`);
  const lineOf = ({ start }: Span): number => text.slice(0, start).split("\n").length;
  const collector = createCollector(lineOf);
  for (const visit of [visitModules, visitShapes, visitImpurities, visitCodes]) {
    new Visitor(visit(collector)).visit(program);
  }
  return { path, ...collector.facts };
}

type Visits = ConstructorParameters<typeof Visitor>[0];
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

interface Collector {
  readonly facts: Mutable<Omit<SourceFacts, "path">>;
  readonly at: (what: string, node: Span) => Found;
}

function createCollector(lineOf: (node: Span) => number): Collector {
  return {
    facts: {
      references: [],
      reExports: [],
      starExports: [],
      superclasses: [],
      casts: [],
      refusedSyntax: [],
      impurities: [],
      codes: [],
    },
    at: (what, node) => ({ what, line: lineOf(node) }),
  };
}

function visitModules({ facts, at }: Collector): Visits {
  const imported = new Set<string>();
  const refer = (source: string, node: Span, isTypeOnly: boolean): void => {
    facts.references.push({ ...at(source, node), isTypeOnly });
  };
  return {
    ImportDeclaration(node) {
      refer(node.source.value, node, node.importKind === "type");
      node.specifiers.forEach((specifier) => imported.add(specifier.local.name));
    },
    ExportNamedDeclaration(node) {
      if (node.source !== null) {
        refer(node.source.value, node, node.exportKind === "type");
        facts.reExports.push(at(`from ${node.source.value}`, node));
        return;
      }
      node.specifiers.forEach(({ local }) => {
        if (local.type !== "Literal" && imported.has(local.name)) facts.reExports.push(at(local.name, node));
      });
    },
    ExportAllDeclaration(node) {
      refer(node.source.value, node, node.exportKind === "type");
      facts.starExports.push(at(`export * from ${node.source.value}`, node));
    },
    ImportExpression(node) {
      if (node.source.type === "Literal") refer(String(node.source.value), node, false);
    },
    TSImportType(node) {
      refer(node.source.value, node, true);
    },
  };
}

function visitShapes({ facts, at }: Collector): Visits {
  const extend = ({ superClass }: { readonly superClass: Expression | null }): void => {
    if (superClass === null) return;
    facts.superclasses.push(at(superClass.type === "Identifier" ? superClass.name : "an expression", superClass));
  };
  return {
    ClassDeclaration: extend,
    ClassExpression: extend,
    TSAsExpression(node) {
      const type = node.typeAnnotation;
      const isConst =
        type.type === "TSTypeReference" && type.typeName.type === "Identifier" && type.typeName.name === "const";
      if (!isConst) facts.casts.push(at("as", node));
    },
    TSTypeAssertion(node) {
      facts.casts.push(at("<type>", node));
    },
    TSEnumDeclaration(node) {
      facts.refusedSyntax.push(at("enum", node));
    },
    TSModuleDeclaration(node) {
      if (node.id.type !== "Literal") facts.refusedSyntax.push(at("namespace", node));
    },
    Decorator(node) {
      facts.refusedSyntax.push(at("decorator", node));
    },
  };
}

function visitImpurities({ facts, at }: Collector): Visits {
  const propertyNames = new Set<number>(); // where names stand that mean a property, not a variable
  const skipKey = (node: {
    readonly computed: boolean;
    readonly shorthand?: boolean;
    readonly key: PropertyKey;
  }): void => {
    if (!node.computed && node.shorthand !== true) propertyNames.add(node.key.start);
  };
  const add = (what: string, node: Span): void => {
    facts.impurities.push(at(what, node));
  };
  return {
    AwaitExpression: (node) => add("await", node),
    ForOfStatement(node) {
      if (node.await) add("for await", node);
    },
    NewExpression(node) {
      const isClock = node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 0;
      if (isClock) add("new Date()", node);
    },
    MemberExpression(node) {
      if (node.computed || node.property.type !== "Identifier") return;
      propertyNames.add(node.property.start);
      const member = node.object.type === "Identifier" ? `${node.object.name}.${node.property.name}` : "";
      if (IMPURE_MEMBERS.has(member)) add(member, node);
      else if (IMPURE_NAMES.has(node.property.name)) add(node.property.name, node);
    },
    Property: skipKey,
    PropertyDefinition: skipKey,
    MethodDefinition: skipKey,
    TSPropertySignature: skipKey,
    TSMethodSignature: skipKey,
    Identifier(node) {
      if (!IMPURE_NAMES.has(node.name) || propertyNames.has(node.start)) return;
      propertyNames.add(node.start); // `{ fetch }` is met twice, as key and as value
      add(node.name, node);
    },
  };
}

function visitCodes({ facts, at }: Collector): Visits {
  const addAll = (node: Node): void => {
    for (const text of literalsOf(node)) if (CODE.test(text)) facts.codes.push(at(text, node));
  };
  return {
    NewExpression(node) {
      const isError = node.callee.type === "Identifier" && node.callee.name.endsWith("Error");
      if (isError && node.arguments[0] !== undefined) addAll(node.arguments[0]);
    },
    Property(node) {
      if (node.key.type === "Identifier" && node.key.name === "code") addAll(node.value);
    },
  };
}

/** Gives the texts that an expression may have, as far as they stand in it. */
function literalsOf(node: Node): string[] {
  switch (node.type) {
    case "Literal":
      return typeof node.value === "string" ? [node.value] : [];
    case "ConditionalExpression":
      return [...literalsOf(node.consequent), ...literalsOf(node.alternate)];
    case "LogicalExpression":
      return [...literalsOf(node.left), ...literalsOf(node.right)];
    default:
      return [];
  }
}
