package org.gpt2j.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * What we write depends on no locale: a JVM of an Egyptian writes "%d" with digits of its own, one
 * of a Turk makes an I without a dot small. So numbers are formatted by %s, which is ASCII
 * everywhere, or with Locale.ROOT.
 */
class LocaleTest {
  private static final Set<String> FORMATTING = Set.of("format", "printf", "formatted");
  private static final Set<String> CASES = Set.of("toLowerCase", "toUpperCase");
  private static final Pattern NUMBER = Pattern.compile("%[-#+ 0,(]*\\d*(\\.\\d+)?[dfeEgG]");

  /** Collects calls that depend on the default locale. */
  private static final class Calls extends TreeScanner<Void, CompilationUnitTree> {
    final List<String> found = new ArrayList<>();

    @Override
    public Void visitMethodInvocation(MethodInvocationTree call, CompilationUnitTree unit) {
      if (call.getMethodSelect() instanceof MemberSelectTree select) {
        String name = select.getIdentifier().toString();
        List<? extends ExpressionTree> arguments = call.getArguments();
        ExpressionTree format =
            name.equals("formatted")
                ? select.getExpression()
                : arguments.isEmpty() ? null : arguments.get(0);
        boolean number =
            FORMATTING.contains(name) && format != null && NUMBER.matcher(text(format)).find();
        if (number || CASES.contains(name) && arguments.isEmpty()) {
          found.add(Path.of(unit.getSourceFile().toUri()).getFileName() + ": " + call);
        }
      }
      return super.visitMethodInvocation(call, unit);
    }

    /** The literals of an expression; those of a Locale's name have no percent sign. */
    private static String text(ExpressionTree expression) {
      StringBuilder text = new StringBuilder();
      new TreeScanner<Void, Void>() {
        @Override
        public Void visitLiteral(LiteralTree literal, Void unused) {
          text.append(literal.getValue());
          return null;
        }

        @Override
        public Void visitMethodInvocation(MethodInvocationTree call, Void unused) {
          return null; // looked at by itself
        }
      }.scan(expression, null);
      return text.toString().replace("%%", "");
    }
  }

  private static List<String> calls(Iterable<CompilationUnitTree> units) {
    Calls calls = new Calls();
    for (CompilationUnitTree unit : units) {
      calls.scan(unit, unit);
    }
    return calls.found;
  }

  @SuppressWarnings("unchecked")
  private static Iterable<CompilationUnitTree> parse(Iterable<? extends JavaFileObject> files)
      throws IOException {
    JavacTask task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler().getTask(null, null, null, null, null, files);
    return (Iterable<CompilationUnitTree>) task.parse();
  }

  @Test
  void noSourceFormatsByTheDefaultLocale() throws IOException {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path module : modules.toList()) {
        Path main = module.resolve("src").resolve("main").resolve("java");
        if (Files.isDirectory(main)) {
          try (Stream<Path> all = Files.walk(main)) {
            all.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    assertThat(sources).hasSizeGreaterThan(100);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      assertThat(calls(parse(manager.getJavaFileObjectsFromPaths(sources)))).isEmpty();
    }
  }

  @Test
  void whatDependsOnItIsFound() throws IOException {
    String code =
        """
        class A {
          void f(java.io.PrintStream out, int n) {
            String.format("%s", n);
            String.format(java.util.Locale.ROOT, "%d", n);
            "%s 100%%d".formatted(n).toLowerCase(java.util.Locale.ROOT);
            String.format("n" + "%5.1f", 1.0);
            ("%s" + " %,d").formatted("", n);
            out.printf("%s %d%n", "", n);
            "I".toLowerCase();
          }
        }
        """;
    SimpleJavaFileObject file =
        new SimpleJavaFileObject(Path.of("A.java").toUri(), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
          }
        };
    assertThat(calls(parse(List.of(file))))
        .containsExactly(
            "A.java: String.format(\"n%5.1f\", 1.0)",
            "A.java: (\"%s %,d\").formatted(\"\", n)",
            "A.java: out.printf(\"%s %d%n\", \"\", n)",
            "A.java: \"I\".toLowerCase()");
  }
}
