package org.gpt2j.server;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.gpt2j.io.Printable;
import org.gpt2j.nn.Backend;
import org.gpt2j.training.cli.ClassifierOptions;
import org.gpt2j.training.cli.Program;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The program: serves until it is told to end. */
@Command(
    name = "demo-server.jar",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    version = "gpt2j 0.1.0-SNAPSHOT",
    description = "Serve a page and an HTTP interface that classify messages.")
public final class Main implements Callable<Integer> {
  @Mixin private ClassifierOptions model;

  @Mixin private ServerOptions options;

  @Option(names = "--threads", paramLabel = "N", description = "Threads to compute with.")
  private Integer threads;

  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    System.exit(Program.run(commandLine(), args));
  }

  static CommandLine commandLine() {
    return Program.commandLine(new Main());
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check();
    Backend.initialize();
    if (threads != null) {
      Backend.setThreads(threads);
    }
    ServedModel served =
        ServedModel.load(
            model.directory(), model.base(), model.weights(), Program.hub(System.getenv(), spec));
    DemoServer server = DemoServer.start(options, served);
    PrintWriter out = spec.commandLine().getOut();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  out.println("ended");
                  out.flush();
                }));
    out.printf("%s answers with %s%n", server.url(), Printable.line(served.name()));
    out.flush();
    new CountDownLatch(1).await(); // until the JVM is told to end
    return 0;
  }
}
