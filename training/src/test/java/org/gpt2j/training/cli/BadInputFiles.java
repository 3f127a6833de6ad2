package org.gpt2j.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.gpt2j.model.Gpt2Config;
import org.gpt2j.training.TinyModel;

/** Good and broken files and models for {@link BadInputTest}. */
final class BadInputFiles {
  private final Path root;

  private BadInputFiles(Path root) {
    this.root = root;
  }

  static void make(Path root) throws IOException {
    BadInputFiles files = new BadInputFiles(root);
    files.makeData();
    files.makeArguments();
    files.makeBases();
    files.makeAdapters();
  }

  private void makeData() throws IOException {
    StringBuilder sms = new StringBuilder();
    TinyModel.messages(40)
        .forEach(m -> sms.append(m.label()).append('\t').append(m.text()).append('\n'));
    write("sms.tsv", sms.toString());
    write("bad-line.tsv", "ham\ta\nspam\tb\nham no tab here\n");
    write("bad-label.tsv", "ham\ta\neggs\tb\n");
    write("few.tsv", "ham\ta\nspam\tb\nham\tc\nspam\td\n");
    byte[] latin1 = "ham\ta\nspam\tcaf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
    Files.write(root.resolve("latin1.tsv"), latin1);
    write("empty", "");
    write("empty.csv", "");
    write("train.csv", "Label,Text\nham,see you\nspam,WIN now\n");
    write("no-header.csv", "ham,see you\n");
    write("bad-label.csv", "Label,Text\nham,see you\neggs,WIN now\n");
    write("columns.csv", "topic,body\na,b\n");
    write("one-label.csv", "label,text\na,b\na,c\n");
    write("broken.csv", "label,text\na,b\nb\na,\"x\"y\n");
    write("few.csv", "label,text\na,b\nb,c\n");
    Files.createDirectory(root.resolve("empty-dir"));
  }

  private void makeArguments() throws IOException {
    write("cut.json", "{");
    write("list.json", "[]");
    write("unknown.json", "{\"learning\": 1}");
    write("wrong-type.json", "{\"learning_rate\": \"fast\"}");
    write("impossible.json", "{\"warmup_ratio\": 7.0}");
    write("pattern.json", "{\"rank_pattern\": {\"(\": 4}}");
  }

  private void makeBases() throws IOException {
    TinyModel.saveClassifier(root.resolve("model"));
    for (String name :
        List.of("base", "cut", "wrong-shape", "no-tokenizer", "no-config", "no-weights", "gone")) {
      TinyModel.saveBase(root.resolve(name));
    }
    cut(root.resolve("cut/model.safetensors"));
    Gpt2Config longer = TinyModel.config().toBuilder().nPositions(64).build();
    longer.savePretrained(root.resolve("wrong-shape"));
    Files.delete(root.resolve("no-tokenizer/tokenizer.json"));
    Files.delete(root.resolve("no-tokenizer/vocab.json"));
    Files.delete(root.resolve("no-config/config.json"));
    Files.delete(root.resolve("no-weights/model.safetensors"));
    program(
        "pretrain --text @/sms.tsv --output @/wide --vocab-size 280 --n-embd 32 --n-layer 2"
            + " --n-head 2 --n-positions 16 --max-steps 1");
    Path other = Files.createDirectory(root.resolve("other-tokenizer"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(root.resolve("wide").resolve(file), other.resolve(file));
    }
    TinyModel.tokenizer().savePretrained(other);
  }

  private void makeAdapters() throws IOException {
    program("train --base @/base --output @/adapter --data @/sms.tsv --max-steps 2");
    program("train --base @/base --output @/cut-adapter --data @/sms.tsv --max-steps 1");
    cut(root.resolve("cut-adapter/adapter_model.safetensors"));
    program("train --base @/base --output @/cut-checkpoint --data @/sms.tsv --max-steps 1");
    cut(root.resolve("cut-checkpoint/checkpoint-1/adapter_model.safetensors"));
    program("train --base @/gone --output @/orphan --data @/sms.tsv --max-steps 1");
    List<Path> gone;
    try (Stream<Path> files = Files.list(root.resolve("gone"))) {
      gone = files.toList();
    }
    for (Path file : gone) {
      Files.delete(file);
    }
    Files.delete(root.resolve("gone"));
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(root.resolve(name), content);
  }

  private static void cut(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
  }

  private void program(String args) {
    StringWriter err = new StringWriter();
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err))
            .execute(args.replace("@", root.toString()).split(" "));
    assertThat(exit).as(args + ": " + err).isZero();
  }
}
