# frozen_string_literal: true

# A real Rails Action Cable server that behaves as metasmoke's own WebSocket API does, for the end-to-end tests.
#
#   ruby metasmoke.rb --key KEY [--port PORT] [--beat SECONDS]   pings every 3 s unless told otherwise, prints "listening on PORT" and serves until it is killed
#
#   /cable         Action Cable: channel ApiChannel with the parameters `key` and `events`
#   POST /emit     newline-delimited JSON, each {"event_type", "event_class", "object"}: broadcast in this order; {"emitted": n}
#   GET  /health   {"connections": n, "subscriptions": n, "streams": {"posts_create": n, …}}, counting what was confirmed
#
# Debian: apt-get install -y --no-install-recommends ruby-actioncable ruby-railties puma ruby-sqlite3
#
# What makes it metasmoke's (measured, Rails 6.1): a model alone means create and update; the server trims, folds and
# refuses nothing, so a typo is confirmed and then silent; a model named twice delivers twice; what it cannot take apart
# ("posts#", a number) raises and is never answered; without `events` there are four legacy streams of other shapes.

require 'json'
require 'optparse'
require 'rails'
require 'action_controller/railtie'
require 'action_cable/engine'
require 'puma'
require 'puma/server'

options = { port: 0 }
OptionParser.new do |parser|
  parser.on('--port PORT', Integer) { |port| options[:port] = port }
  parser.on('--beat SECONDS', Float) { |seconds| options[:beat] = seconds }
  parser.on('--key KEY') { |key| options[:key] = key }
end.parse!
abort 'metasmoke.rb: --key is missing' unless options[:key]

API_KEY = options[:key]

# For subscribers whose time runs faster.
if options[:beat]
  ActionCable::Server::Connections.send(:remove_const, :BEAT_INTERVAL)
  ActionCable::Server::Connections.const_set(:BEAT_INTERVAL, options[:beat])
end

class Metasmoke < Rails::Application
  config.load_defaults 6.1
  config.eager_load = false
  config.secret_key_base = 'not a secret: this server lives on loopback for the length of a test'
  config.logger = Logger.new(IO::NULL)
  config.hosts.clear
  config.action_cable.mount_path = nil
  config.action_cable.disable_request_forgery_protection = true # any origin
  # One worker: two threads would swap neighbouring frames, and then no two subscribers would agree on the order.
  config.action_cable.worker_pool_size = 1
  config.action_cable.cable = { 'adapter' => 'async' }
end

# Which streams have been confirmed, to how many subscriptions.
class Confirmed
  def initialize
    @mutex = Mutex.new
    @streams = Hash.new(0)
    @subscriptions = 0
  end

  def add(streams)
    @mutex.synchronize { @subscriptions += 1; streams.each { |stream| @streams[stream] += 1 } }
  end

  def remove(streams)
    @mutex.synchronize do
      @subscriptions -= 1
      streams.each { |stream| @streams.delete(stream) if (@streams[stream] -= 1) < 1 }
    end
  end

  def to_h
    @mutex.synchronize { { subscriptions: @subscriptions, streams: @streams.dup } }
  end
end

CONFIRMED = Confirmed.new

module ApplicationCable
  class Connection < ActionCable::Connection::Base
    private

    # A Ruby string cannot hold half a surrogate pair, other servers' JSON can: "%%SURROGATE-D83D%%" leaves as "\ud83d".
    def encode(message)
      super.gsub(/%%SURROGATE-(D[89A-F]\h\h)%%/) { "\\u#{Regexp.last_match(1).downcase}" }
    end
  end
end

class ApiChannel < ActionCable::Channel::Base
  LEGACY = %w[legacy_feedback legacy_flag_log legacy_deletion_log legacy_statistic].freeze

  def subscribed
    return reject unless params[:key] == API_KEY

    @named = params[:events].blank? ? LEGACY : named_streams(params[:events])
    @named.each { |name| stream_from name }
  end

  def unsubscribed
    CONFIRMED.remove(@named) if @counted
  end

  private

  def named_streams(events)
    events.split(';').flat_map do |spec|
      model, types = spec.include?('#') ? [spec.split('#')[0], spec.split('#')[1].split(',')] : [spec, %w[create update]]
      types.map { |type| "#{model}_#{type}" }
    end
  end

  def transmit_subscription_confirmation
    super
    return if @counted

    @counted = true
    CONFIRMED.add(@named)
  end
end

class Emitter
  LEGACY_TYPES = { 'Feedback' => 'feedback', 'FlagLog' => 'flag_log', 'DeletionLog' => 'deletion_log', 'Statistic' => 'statistic' }.freeze

  def initialize
    @mutex = Mutex.new
  end

  def call(lines)
    events = lines.each_line.map(&:strip).reject(&:empty?).map { |line| JSON.parse(line) }
    @mutex.synchronize { events.each { |event| broadcast(event) } }
    events.length
  end

  private

  def broadcast(event)
    table = event['event_class'].underscore.pluralize
    table = 'ref' if event['event_class'] == 'Ref'
    ActionCable.server.broadcast("#{table}_#{event['event_type']}", event.slice('event_type', 'event_class', 'object'))
    legacy = LEGACY_TYPES[event['event_class']]
    ActionCable.server.broadcast("legacy_#{legacy}", { legacy => event['object'] }) if legacy && event['event_type'] == 'create'
  end
end

EMITTER = Emitter.new

CONTROL = lambda do |env|
  answer = case [env['REQUEST_METHOD'], env['PATH_INFO']]
           when %w[POST /emit] then { emitted: EMITTER.call(env['rack.input'].read.force_encoding('UTF-8')) }
           when %w[GET /health] then { connections: ActionCable.server.connections.length, **CONFIRMED.to_h }
           end
  next [404, {}, []] unless answer

  [200, { 'Content-Type' => 'application/json' }, [JSON.generate(answer)]]
end

Metasmoke.initialize!
ActiveSupport::Inflector.inflections { |inflect| inflect.acronym 'API' }
ActionCable.server.config.connection_class = -> { ApplicationCable::Connection }
# The event loop hands its tasks to up to ten threads unless there is an executor already; one keeps the order.
ActionCable.server.event_loop.instance_variable_set(:@executor, Concurrent::SingleThreadExecutor.new)
# The engine starts the pings with the first connection; the async adapter needs nothing else.

APP = Rack::URLMap.new('/cable' => ActionCable.server, '/' => CONTROL)

server = Puma::Server.new(APP, Puma::Events.new($stderr, $stderr), min_threads: 1, max_threads: 16)
listener = server.add_tcp_listener('127.0.0.1', options[:port])
$stdout.puts "listening on #{listener.addr[1]}"
$stdout.flush
# Ends with the test that started it, however that ended: its end of our standard input closes with it.
Thread.new { $stdin.read; exit!(0) } if $stdin.stat.socket? || $stdin.stat.pipe?
server.run.join
