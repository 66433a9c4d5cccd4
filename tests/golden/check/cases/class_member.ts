class Counter {
  constructor(private count = 0) {}
  add() { this.cuont++; }
}
new Counter().add();
