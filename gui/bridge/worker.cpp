#include "bridge/worker.h"

#include <QDeadlineTimer>
#include <QThread>

namespace drift::gui::bridge {

Worker::Worker(const QString& name)
    // The last job to end may hold the last reference on another thread, hence deleteLater().
    : m_port(new QObject, [](QObject* port) { port->deleteLater(); }),
      m_thread(new QThread),
      m_receiver(new QObject) {
  m_thread->setObjectName(name);
  m_receiver->moveToThread(m_thread);
  QObject::connect(m_thread, &QThread::finished, m_receiver, &QObject::deleteLater);
  m_thread->start();
}

Worker::~Worker() {
  // Queued behind all jobs, so that they still run; nothing can be queued after it.
  QMetaObject::invokeMethod(m_receiver, [thread = m_thread] { thread->quit(); }, Qt::QueuedConnection);
  if (m_thread->wait(QDeadlineTimer(kShutdownMax))) {
    delete m_thread;
  } else {
    QObject::connect(m_thread, &QThread::finished, m_thread, &QObject::deleteLater);
  }
}

void Worker::post(std::function<void()> job) {
  QMetaObject::invokeMethod(m_receiver, std::move(job), Qt::QueuedConnection);
}

void Worker::deliver(const Port& port, std::function<void()> reply) {
  QMetaObject::invokeMethod(port.get(), std::move(reply), Qt::QueuedConnection);
}

}  // namespace drift::gui::bridge
