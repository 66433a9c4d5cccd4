function log(f: any, _: any) { return f; }
class A {
  @log run() { return 1; }
}
return new A().run();
