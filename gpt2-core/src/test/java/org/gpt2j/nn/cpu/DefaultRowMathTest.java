package org.gpt2j.nn.cpu;

class DefaultRowMathTest extends RowMathContract {
  @Override
  RowMath provider() {
    return new DefaultRowMath();
  }
}
